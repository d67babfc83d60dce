use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use edgeinfer_core::Model;
use tempfile::TempDir;

use crate::host::{self, Instances, Options};
use crate::progress::Progress;
use crate::source;

/// The component's file, as the build names it.
const COMPONENT: &str = "edgeinfer-spin.wasm";

/// Serve a model over HTTP, on the component that runs at the edge
#[derive(Args)]
#[command(after_help = "\
Examples:
  edgeinfer serve iris.edge
  edgeinfer serve iris.onnx --addr 0.0.0.0:8080
  curl -s localhost:3000/predict -H 'content-type: application/json' \\
    -d '{\"features\":[5.1,3.5,1.4,0.2]}'

The API: POST /predict, POST /predict/batch, GET /health, GET /model/info, and
the same under /v1. Ctrl-C ends it.")]
pub(crate) struct Serve {
    /// A compiled model, or an ONNX model; without one, /health says so
    #[arg(value_name = "MODEL")]
    model: Option<PathBuf>,
    /// Where to listen; port 0 takes any free port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:3000", value_parser = parse_addr)]
    addr: SocketAddr,
    /// A folder of static files to serve as well
    #[arg(long, value_name = "FOLDER")]
    www: Option<PathBuf>,
    /// The component to run [default: edgeinfer-spin.wasm, beside this command]
    #[arg(long, value_name = "FILE.wasm")]
    component: Option<PathBuf>,
    /// A fresh instance of the component for each request, as Spin does
    #[arg(long)]
    fresh: bool,
}

pub(crate) fn run(args: Serve) -> Result<()> {
    let progress = Progress::new();
    let compiled = args.model.map(|model| Compiled::new(model, &progress)).transpose()?;
    let component = match args.component {
        Some(component) => component,
        None => beside_this_command(COMPONENT)?,
    };
    let options = Options {
        component,
        model: compiled.as_ref().map(|compiled| compiled.path.clone()),
        www: args.www,
        addr: args.addr,
        instances: if args.fresh { Instances::Fresh } else { Instances::Reused },
    };
    tokio::runtime::Runtime::new()?.block_on(host::serve(options, |step| progress.step(step)))
}

fn parse_addr(text: &str) -> Result<SocketAddr> {
    text.parse()
        .map_err(|_| anyhow!("expected an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080"))
}

fn beside_this_command(component: &str) -> Result<PathBuf> {
    let command = env::current_exe().context("cannot find this command's own file")?;
    let component = command.with_file_name(component);
    if component.is_file() {
        return Ok(component);
    }
    bail!(
        "there is no {}; build it with scripts/build, or name another with --component",
        component.display()
    )
}

/// A compiled model: the file given, or one made of it for as long as it is served.
struct Compiled {
    path: PathBuf,
    _made: Option<TempDir>,
}

impl Compiled {
    fn new(model: PathBuf, progress: &Progress) -> Result<Self> {
        if !source::is_onnx(&model)? {
            if let Err(reason) = Model::load(source::read(&model)?.as_slice(), None) {
                // At the edge such a model is a 503, so it is one here; but whoever
                // starts the server shall not have to ask to learn of it.
                let model = model.display();
                progress.line(&format!(
                    "warning: {model} does not load, requests are answered with 503: {reason}"
                ));
            }
            return Ok(Self { path: model, _made: None });
        }
        progress.step(&format!("compiling {}", model.display()));
        let made = tempfile::tempdir().context("cannot make a temporary folder")?;
        let path = made.path().join("model.edge");
        let compiled = source::compile(&model, None)?;
        std::fs::write(&path, &compiled).context("cannot write the compiled model")?;
        Model::load(compiled.as_slice(), None)
            .with_context(|| format!("cannot serve {}", model.display()))?;
        Ok(Self { path, _made: Some(made) })
    }
}
