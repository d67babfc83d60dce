//! `edgeinfer serve`: runs the component that ships to the edge, under
//! wasmtime, behind an HTTP server on this machine.
//!
//! ```text
//! socket ─ axum ─ router ─┬─ site: a file of `www`, for GET and HEAD
//!                         └─ pool ─ guest: the component, with /models
//!                                    └─ spin: variables, and a store for all guests
//! ```
//!
//! The host translates and watches; what is predicted, and every answer under
//! a path that is no file, comes from the component.

mod component;
mod failure;
mod guest;
mod listener;
mod models;
mod pool;
mod router;
mod shutdown;
mod site;
mod spin;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use self::models::{ModelDir, ModelFile};
use self::pool::Pool;
use self::site::Site;
use self::spin::Shared;

/// The longest that one request may take, from its arrival to the end of its
/// answer. A guest that is still busy then is stopped.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// What [`serve`] needs.
pub(crate) struct Options {
    /// A WASI 0.2 component that exports `wasi:http/incoming-handler`.
    pub(crate) component: PathBuf,
    /// The compiled models and the configuration, as they are when `serve` starts,
    /// and where the guest sees each in `/models`.
    pub(crate) models: Vec<(PathBuf, PathBuf)>,
    /// A folder of static files. They come before the component.
    pub(crate) www: Option<PathBuf>,
    /// Where to listen; port 0 takes any free port.
    pub(crate) addr: SocketAddr,
    /// How long an instance of the component lives.
    pub(crate) instances: Instances,
}

/// How long an instance of the component lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instances {
    /// For one request, as in Spin: the next request finds nothing of it.
    Fresh,
    /// For many requests, one after another: what the guest keeps in memory,
    /// such as a loaded model, is there for the next.
    Reused,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// Binds first, then compiles the component, then answers; connections made
/// meanwhile wait. After the signal, requests in flight get a few seconds to
/// finish. `progress` is told of each step in a line of its own; the one that
/// starts with `serving http://` names the address, and comes when requests
/// are being answered.
///
/// # Errors
///
/// The address cannot be bound; the component, the model or `www` cannot be
/// read; the component is no WASI 0.2 HTTP component.
pub(crate) async fn serve(options: Options, progress: impl Fn(&str)) -> anyhow::Result<()> {
    let listener = listener::bind(options.addr).await?;
    let site = options.www.as_deref().map(Site::open).transpose()?;
    let open = |(path, mounted): &(PathBuf, PathBuf)| ModelFile::open(path, mounted);
    let models = options.models.iter().map(open).collect::<anyhow::Result<Vec<_>>>()?;

    // Nothing else runs on this runtime yet, and until the signals are taken
    // over below, Ctrl-C ends the process: compiling may block.
    progress(&format!("preparing {}", options.component.display()));
    let component = component::load(&options.component)?;

    let mut signals = shutdown::Signals::listen()?;
    let models = ModelDir::new(models)?;
    let shared = Shared::new(variables());
    let pool = Pool::new(component, models.path(), environment(), shared, options.instances, REQUEST_LIMIT);
    let app = router::app(pool, site);

    progress(&format!("serving http://{}", listener.local_addr()?));
    shutdown::serve_until_signal(listener, app, &mut signals, progress).await
}

/// What the names of the environment's variables begin with that are the component's
/// variables, as Spin reads them.
const VARIABLE: &str = "SPIN_VARIABLE_";

/// The component's variables by name.
pub(crate) fn variables() -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| {
        let name = name.into_string().ok()?.strip_prefix(VARIABLE)?.to_ascii_lowercase();
        Some((name, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The settings that the guest's environment has: this command's own, and where the
/// host says the client's address.
pub(crate) fn environment() -> Vec<(String, String)> {
    let is_setting = |name: &str| name.starts_with("EDGEINFER_SERVE_") || name.starts_with("AIP_");
    let own = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let address = ("EDGEINFER_SERVE_CLIENT_ADDRESS_HEADER".to_owned(), router::CLIENT_ADDRESS.to_owned());
    own.filter(|(name, _)| is_setting(name)).chain([address]).collect()
}
