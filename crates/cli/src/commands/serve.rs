use std::collections::BTreeSet;
use std::env;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use edgeinfer_core::Model;
use edgeinfer_service::Config;
use tempfile::TempDir;

use crate::host::{self, Instances, Options};
use crate::progress::Progress;
use crate::source;

/// The component's file, as the build names it.
const COMPONENT: &str = "edgeinfer-spin.wasm";

/// Serve models over HTTP, on the component that runs at the edge
#[derive(Args)]
#[command(after_help = "\
Examples:
  edgeinfer serve iris.edge
  edgeinfer serve iris.onnx --addr 0.0.0.0:8080
  edgeinfer serve iris.edge digits.edge     # both; /predict asks the first by name
  edgeinfer serve models                    # NAME.edge and NAME/VERSION.edge of a folder
  curl -s localhost:3000/predict -H 'content-type: application/json' \\
    -d '{\"features\":[5.1,3.5,1.4,0.2]}'

The API: POST /predict, POST /predict/batch, GET /health, GET /model/info, and
the same under /v1, and for each model under /v1/models/NAME. Ctrl-C ends it.")]
pub(crate) struct Serve {
    /// Compiled models, ONNX models, and folders of compiled ones; without one,
    /// /health says so
    #[arg(value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// Where to listen; port 0 takes any free port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:3000", value_parser = parse_addr)]
    addr: SocketAddr,
    /// The configuration [default: edgeinfer.toml of this folder, where there is one;
    /// SPIN_VARIABLE_EDGEINFER_TOML, which has more of it, comes before it, and the
    /// variables EDGEINFER_SERVE_… before both]
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
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
    let mut models = Models::gather(args.models, &progress)?;
    let configuration = Configuration::read(args.config)?;
    if let Some(file) = &configuration.file {
        progress.step(&format!("configured by {}", file.display()));
    }
    models.files.extend(configuration.mounts());
    let component = match args.component {
        Some(component) => component,
        None => beside_this_command(COMPONENT)?,
    };
    let options = Options {
        component,
        models: models.files.clone(),
        www: args.www,
        addr: args.addr,
        instances: if args.fresh { Instances::Fresh } else { Instances::Reused },
    };
    tokio::runtime::Runtime::new()?.block_on(host::serve(options, |step| progress.step(step)))
}

/// The configuration's name, here and where the component looks for it.
const CONFIG: &str = "edgeinfer.toml";

/// The files of the configuration.
struct Configuration {
    /// Where there is one.
    file: Option<PathBuf>,
    /// The keys of bearer tokens, and what the configuration calls the file.
    keys: Option<(PathBuf, PathBuf)>,
}

impl Configuration {
    /// Reads the file `given`, or the one of this folder: the component would answer
    /// every request with the reason why it cannot be used.
    fn read(given: Option<PathBuf>) -> Result<Self> {
        let file = given.or_else(|| Some(PathBuf::from(CONFIG)).filter(|file| file.is_file()));
        let text = file.as_deref().map(text_of).transpose()?;
        let from = file.as_ref().map_or("the environment".to_owned(), |file| file.display().to_string());
        let wrong = |error: edgeinfer_core::Error| anyhow!("{from}: {}", error.message());
        let variables = host::variables();
        let texts = [
            ("", text.as_deref().unwrap_or_default()),
            ("the variable edgeinfer_toml", variables.get("edgeinfer_toml").map_or("", String::as_str)),
        ];
        let mut config = Config::read_layers(&texts, host::environment()).map_err(wrong)?;
        let mut keys = None;
        if let Some(name) = config.jwks_file().map(PathBuf::from) {
            if !name.components().all(|part| matches!(part, Component::Normal(_))) {
                bail!(
                    "{from}: expected a `jwks_file` beside the configuration, but it is {}",
                    name.display()
                );
            }
            let path = file.as_deref().map_or(name.clone(), |file| file.with_file_name(&name));
            config.set_jwks(&text_of(&path)?).map_err(wrong)?;
            keys = Some((path, name));
        }
        Ok(Self { file, keys })
    }

    /// Each file, and where the component sees it.
    fn mounts(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        let file = self.file.clone().map(|file| (file, CONFIG.into()));
        file.into_iter().chain(self.keys.clone())
    }
}

fn text_of(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
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

/// The compiled models to serve: the files given, or made of those for as long as
/// they are served.
#[derive(Default)]
struct Models {
    /// Each file, and where the component sees it.
    files: Vec<(PathBuf, PathBuf)>,
    made: Vec<TempDir>,
}

impl Models {
    fn gather(given: Vec<PathBuf>, progress: &Progress) -> Result<Self> {
        let mut models = Self::default();
        for path in given {
            match path.is_dir() {
                true => models.add_folder(&path, progress)?,
                false => models.add(path, progress)?,
            }
        }
        let mut places = BTreeSet::new();
        if let Some((path, place)) = models.files.iter().find(|(_, place)| !places.insert(place)) {
            let name = place.with_extension("");
            bail!("two models are called {}, one of them {}; rename a file", name.display(), path.display());
        }
        Ok(models)
    }

    /// A model of its own.
    fn add(&mut self, path: PathBuf, progress: &Progress) -> Result<()> {
        let place = PathBuf::from(path.file_stem().unwrap_or_default()).with_added_extension("edge");
        if !source::is_onnx(&path)? {
            return self.add_compiled(path, place, progress);
        }
        progress.step(&format!("compiling {}", path.display()));
        let made = tempfile::tempdir().context("cannot make a temporary folder")?;
        let compiled = source::compile(&path, None)?;
        Model::load(compiled.as_slice(), None).with_context(|| format!("cannot serve {}", path.display()))?;
        let path = made.path().join(&place);
        std::fs::write(&path, &compiled).context("cannot write the compiled model")?;
        self.files.push((path, place));
        self.made.push(made);
        Ok(())
    }

    fn add_compiled(&mut self, path: PathBuf, place: PathBuf, progress: &Progress) -> Result<()> {
        if let Err(reason) = Model::load(source::read(&path)?.as_slice(), None) {
            // At the edge such a model is a 503, so it is one here; but whoever
            // starts the server shall not have to ask to learn of it.
            let path = path.display();
            progress
                .line(&format!("warning: {path} does not load, requests are answered with 503: {reason}"));
        }
        self.files.push((path, place));
        Ok(())
    }

    /// `NAME.edge` and `NAME/VERSION.edge` of `folder`.
    fn add_folder(&mut self, folder: &Path, progress: &Progress) -> Result<()> {
        let before = self.files.len();
        for entry in entries(folder)? {
            let inner = if entry.is_dir() { entries(&entry)? } else { vec![entry] };
            for path in inner.into_iter().filter(|path| path.extension().is_some_and(|end| end == "edge")) {
                let place = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                self.add_compiled(path, place, progress)?;
            }
        }
        if self.files.len() == before {
            bail!(
                "there is no NAME.edge and no NAME/VERSION.edge in the folder {}; \
                 `edgeinfer compile MODEL.onnx` makes one",
                folder.display()
            );
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>();
    list().with_context(|| format!("cannot read the folder {}", folder.display()))
}
