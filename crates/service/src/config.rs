mod cache;
mod read;
mod state;

use edgeinfer_core::Result;
use serde::Deserialize;

pub use self::cache::CacheConfig;
pub use self::state::{State, StoreKind};
use crate::Limits;
use crate::guard::{Keys, Rate, Tokens};

/// How the service behaves: everything is off, or safe, unless it is set.
///
/// [`Config::read`] reads it from `edgeinfer.toml` and the environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How much one request may ask for.
    pub limits: Limits,
    /// The model that is meant where none is named, in place of the first by name.
    pub default_model: Option<String>,
    /// A path that tells whether the default model answers, as Vertex AI's
    /// `AIP_HEALTH_ROUTE`. The API's own paths come before it.
    pub health_route: Option<String>,
    /// A path that takes rows in the forms of platforms, as Vertex AI's
    /// `AIP_PREDICT_ROUTE`. The API's own paths come before it.
    pub predict_route: Option<String>,
    /// The hosts that requests may be for: names, or `*.` and the end of names. None
    /// means all.
    pub trusted_hosts: Vec<String>,
    /// The origins whose pages may ask from a browser; `*` for all.
    pub cors_origins: Vec<String>,
    /// The header in which the host says the client's address; only one that clients
    /// cannot set themselves.
    pub client_address_header: Option<String>,
    /// How many requests each key, or each address without one, may send.
    pub rate: Option<Rate>,
    /// The keys that open the service. With one for predictions all need one.
    pub keys: Keys,
    /// Where rates, counters, the state of models and cached answers are kept.
    pub state: State,
    /// The bearer tokens that open it besides.
    pub jwt: Option<Tokens>,
    /// Which answers are kept to be given again.
    pub cache: CacheConfig,
    /// Whether each request gets a line in the log.
    pub log: bool,
}

impl Config {
    /// The file that has the keys of bearer tokens, beside the configuration, where it
    /// names one: the host reads it, as the service reads none.
    pub fn jwks_file(&self) -> Option<&str> {
        self.jwt.as_ref()?.file()
    }

    /// Takes `text` as what that file holds. Until then no token is good.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ModelUnavailable`](edgeinfer_core::ErrorKind::ModelUnavailable) for
    /// what is no JWKS; without the text, which may be secret.
    pub fn set_jwks(&mut self, text: &str) -> Result<()> {
        match &mut self.jwt {
            Some(tokens) => tokens.set_keys(text).map_err(read::wrong),
            None => Ok(()),
        }
    }
}
