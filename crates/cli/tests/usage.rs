//! Help, examples and wrong usage.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use support::{Folder, assert_names};

const COMMANDS: [&str; 5] = ["compile", "inspect", "predict", "serve", "verify"];

fn help(args: &[&str]) -> String {
    Folder::empty().run(&[args, &["--help"]].concat()).succeeded()
}

/// The commands under `Examples:`, those over several lines whole.
fn examples(help: &str) -> Vec<String> {
    let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("no examples in: {help}"));
    let mut commands: Vec<String> = Vec::new();
    for line in examples.lines().take_while(|line| !line.is_empty()) {
        match (line.strip_prefix("    "), commands.last_mut()) {
            (Some(more), Some(command)) => *command = format!("{command}\n{more}"),
            _ => commands.push(line.trim().to_owned()),
        }
    }
    commands
}

#[test]
fn every_command_has_help_with_an_example_of_itself() {
    let general = help(&[]);
    for command in COMMANDS {
        let start = format!("edgeinfer {command} ");
        assert!(examples(&general).iter().any(|example| example.starts_with(&start)), "{general}");
        let help = help(&[command]);
        assert!(examples(&help).iter().any(|example| example.starts_with(&start)), "{help}");
        let longest = help.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "wider than a terminal: {help}");
    }
}

#[cfg(unix)]
#[test]
fn the_examples_work_as_they_are() {
    use std::path::Path;
    use std::process::Command;

    let folder = Folder::compiled("iris-forest");
    for (name, copy) in [("model.onnx", "iris.onnx"), ("model_metadata.json", "iris.json")] {
        folder.write(copy, folder.read(name));
    }
    let digits = Folder::of("digits-mlp");
    for (name, copy) in [("model.onnx", "digits.onnx"), ("model_metadata.json", "digits.json")] {
        folder.write(copy, digits.read(name));
    }
    folder.run(&["compile", "iris.onnx"]).succeeded();
    std::fs::create_dir(folder.path("public")).unwrap();
    folder.write("rows.json", "[[5.1,3.5,1.4,0.2],[6.3,3.4,5.6,2.4]]");
    folder.write("rows.csv", format!("{}\n5.1,3.5,1.4,0.2\n", support::FEATURES.join(",")));

    let binary = Path::new(env!("CARGO_BIN_EXE_edgeinfer")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    // Those of `serve` end only by a signal: tests/host runs it.
    let all = [&[][..], &["compile"], &["inspect"], &["predict"], &["verify"]]
        .map(|args| examples(&help(args)))
        .concat();
    let commands = all.iter().filter(|example| !example.contains("edgeinfer serve"));
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path(""))
            .env("PATH", &path)
            .output()
            .unwrap();
        let output = support::Ran::from(output);
        assert!(!output.succeeded().is_empty(), "{command} printed nothing");
    }
}

#[test]
fn wrong_usage_says_what_is_right() {
    let folder = Folder::empty();
    for (args, parts) in [
        (&[][..], &["Usage: edgeinfer <COMMAND>", "Examples:"][..]),
        (&["compil"], &["unrecognized subcommand 'compil'", "'compile'"]),
        (&["compile"], &["<MODEL.onnx>", "--help"]),
        (&["compile", "a.onnx", "b.onnx"], &["unexpected argument 'b.onnx'"]),
        (&["inspect", "--jsn", "a"], &["--jsn", "'--json'"]),
        (&["predict", "a.edge"], &["--features <ROW>", "--input <FILE>"]),
        (&["predict", "a.edge", "--features", "1", "--input", "b"], &["cannot be used with"]),
        (&["serve", "--addr", "localhost:3000"], &["'localhost:3000'", "127.0.0.1:8080"]),
        (&["serve", "--addr", "3000"], &["'3000'", "an IP address and a port"]),
    ] {
        assert_names(&folder.run(args).misused(), parts);
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = Folder::empty().run(&["--version"]).succeeded();
    assert_eq!(version, format!("edgeinfer {}\n", env!("CARGO_PKG_VERSION")));
}
