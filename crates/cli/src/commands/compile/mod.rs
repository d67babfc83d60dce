mod quantize;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use edgeinfer_core::{ModelFile, ModelType, Task};

use quantize::Bits;

use crate::{output, rows, source};

/// Compile an ONNX model to a .edge file
#[derive(Args)]
#[command(after_help = "\
Examples:
  edgeinfer compile iris.onnx
  edgeinfer compile iris.onnx -o public/iris.edge
  edgeinfer compile iris.onnx --metadata iris.json
  edgeinfer compile digits.onnx --metadata digits.json --quantize int8

A model_metadata.json beside the model is used unless --metadata names another.
It may give: name, description, model_version, training_date, features, labels,
accuracy, framework, python_version, and any other field.

With --quantize the file holds weights in fewer bits, which are widened as the model
is loaded. What that costs is measured against the model as it was, on the rows of
--input or else on made-up inputs, and printed.")]
pub(crate) struct Compile {
    /// The ONNX model
    #[arg(value_name = "MODEL.onnx")]
    model: PathBuf,
    /// Where to write the compiled model [default: MODEL.edge, beside the model]
    #[arg(short, long, value_name = "MODEL.edge")]
    output: Option<PathBuf>,
    /// Names of features and labels, and what else is known of the model
    #[arg(long, value_name = "FILE.json")]
    metadata: Option<PathBuf>,
    /// Write weights in fewer bits, and print what that costs
    #[arg(long, value_name = "BITS")]
    quantize: Option<Bits>,
    /// Rows to measure that on, as `edgeinfer predict` takes them; - is standard input, JSON
    #[arg(long, value_name = "FILE", requires = "quantize")]
    input: Option<PathBuf>,
    /// Print what quantising costs as JSON
    #[arg(long, requires = "quantize")]
    json: bool,
}

pub(crate) fn run(args: Compile) -> Result<()> {
    let path = args.output.unwrap_or_else(|| args.model.with_extension("edge"));
    let model = args.model.display();
    ensure!(!source::is_compiled(&args.model)?, "expected an ONNX model, but {model} is compiled already");
    check_output(&path, &args.model)?;
    let rows = args.input.as_deref().map(rows::read).transpose()?;
    let file = source::compile(&args.model, args.metadata.as_deref())?;
    let (file, report) = match args.quantize {
        Some(bits) => {
            let (file, report) = quantize::run(&file, bits, &path, rows.as_deref())?;
            (file, Some(report))
        }
        None => (file, None),
    };
    let summary = summary(&file)?;
    write(&path, &file).with_context(|| format!("cannot write {}", path.display()))?;
    match &report {
        Some(report) if args.json => return output::json(report),
        _ => output::line(format_args!("{}: {summary}", path.display()))?,
    }
    report.map_or(Ok(()), |report| report.print())
}

/// Checks what can be known of `path` before the work is done.
fn check_output(path: &Path, model: &Path) -> Result<()> {
    let is_model = fs::canonicalize(path).is_ok_and(|path| fs::canonicalize(model).is_ok_and(|m| m == path));
    ensure!(!is_model, "{} is the model itself; name another file with --output", path.display());
    ensure!(!path.is_dir(), "cannot write {}: expected a file, but it is a folder", path.display());
    let folder = folder(path);
    ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", path.display(), folder.display());
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes beside and renames, so that no reader sees half a model, and a
/// failure leaves what was there.
fn write(path: &Path, file: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        // A pipe or a device: what is written is all that it takes.
        return fs::write(path, file);
    }
    // Where it is a link, the file that it leads to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut partial = tempfile::Builder::new()
        .prefix(".edgeinfer-")
        // With the permissions of any new file, not those of a secret.
        .make_in(folder(&path), |partial| File::create_new(partial))?;
    partial.write_all(file)?;
    partial.persist(&path)?;
    Ok(())
}

/// What was made, in a few words.
fn summary(file: &[u8]) -> Result<String> {
    let schema = ModelFile::parse(&file.into())?.manifest.schema;
    let classes = match &schema.task {
        Task::Classification { labels, .. } => labels.len(),
        _ => 0,
    };
    let counts = [(schema.features.len(), "feature", "features"), (classes, "class", "classes")];
    let counts = counts.into_iter().filter_map(|(count, one, many)| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    });
    let parts = [output::model_type(ModelType::from(&schema.task))]
        .into_iter()
        .chain(counts)
        .chain([output::bytes(file.len())]);
    Ok(parts.collect::<Vec<_>>().join(", "))
}
