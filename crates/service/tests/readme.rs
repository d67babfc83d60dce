//! README.md has every setting and every route.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use edgeinfer_service::Config;
use support::Api;

const README: &str = include_str!("../README.md");

/// The names that a table of the configuration takes, as the refusal of another says.
fn settings(table: &str, text: &str) -> Vec<String> {
    let error = Config::read(Some(text), []).unwrap_err();
    let (_, names) = error.message().split_once("expected ").unwrap();
    let names = names.split('`').skip(1).step_by(2);
    names.map(|name| format!("{table}{name}")).collect()
}

#[test]
fn every_setting_is_in_the_table() {
    let all = [
        settings("", "none = 1"),
        settings("limits.", "limits.none = 1"),
        settings("rate.", "rate.none = 1"),
        settings("keys.", "keys = [{ none = 1 }]"),
        settings("jwt.", "jwt.none = 1"),
        settings("jwt.scopes.", "jwt.scopes.none = 1"),
        settings("cache.", "cache.none = 1"),
        settings("state.", "state.none = 1"),
    ]
    .concat();
    assert!(all.len() > 25, "{all:?}");
    let rows: String = README.lines().filter(|line| line.starts_with("| `")).collect();
    for setting in &all {
        // A table is there by what is in it.
        let is_table = all.iter().any(|other| other.starts_with(&format!("{setting}.")));
        assert!(is_table || rows.contains(&format!("`{setting}`")), "README.md lacks `{setting}`");
    }
}

/// The Rust files in `folder` and its folders.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_route_is_in_a_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes");
    let mut found = 0;
    for source in sources(&folder) {
        let text = fs::read_to_string(&source).unwrap();
        for route in text.split(".route(").skip(1) {
            // What is no literal is a prefix, which others have.
            let Some(path) = route.split(',').next().and_then(|path| path.split('"').nth(1)) else {
                continue;
            };
            let path = path.trim_start_matches("{prefix}").trim_end_matches('/');
            assert!(README.contains(&format!("{path}`")), "README.md lacks {path} of {}", source.display());
            found += 1;
        }
    }
    assert!(found > 25, "{found}");
}

#[tokio::test]
async fn every_path_of_the_description_is_in_a_table() {
    let document = Api::new().get("/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("/models/iris", "/models/{model}");
        let path = path.strip_suffix("/predict").or(path.strip_suffix("/predict/batch")).unwrap_or(&path);
        let method = item.as_object().unwrap().keys().next().unwrap().to_uppercase();
        let is_there =
            README.contains(&format!("`{method} {path}`")) || README.contains(&format!("`{path}`"));
        assert!(is_there, "README.md lacks {method} {path}");
    }
}
