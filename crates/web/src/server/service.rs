use std::sync::Arc;

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_service::{Config, Host, Registry, Router, Store, answer, api};
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::clock::CLOCK;
use super::store::{Bridge, Given};
use super::{Call, Models, request};

/// The HTTP API over some models.
#[wasm_bindgen]
pub struct Service {
    router: Router,
    body_bytes: usize,
}

#[wasm_bindgen]
impl Service {
    /// The API over `models`, configured by `config`, the text of an `edgeinfer.toml`
    /// or, where `is_json`, an object of the same settings, and by `environment`, names
    /// and values in turn. Lines of the log go to `log`; what is counted
    /// across requests to `store`, where there is one.
    ///
    /// Without its configuration it answers nothing that this would guard.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(
        models: &Models,
        config: &str,
        is_json: bool,
        environment: Vec<String>,
        log: Function,
        store: Option<Bridge>,
    ) -> Self {
        let environment = pairs(environment);
        let config = match is_json {
            true => Config::read_json(config, environment),
            false => Config::read(Some(config), environment),
        };
        let (registry, config) = match config.and_then(without_files) {
            Ok(config) => (models.registry(), config),
            Err(reason) => (Registry::without_models(reason), Config::default()),
        };
        let body_bytes = config.limits.body_bytes;
        let write = move |line: &str| {
            // Who cannot write a line is no reason to answer less.
            let _ = log.call1(&JsValue::UNDEFINED, &line.into());
        };
        let store = store.map(|bridge| Arc::new(Given::new(bridge)) as Arc<dyn Store>);
        let host = Host { clock: Some(CLOCK), log: Some(Arc::new(write)), store };
        Self { router: api(registry, config, host), body_bytes }
    }

    /// The longest body that it takes, in bytes: of a longer one, one byte more is
    /// enough.
    #[wasm_bindgen(js_name = bodyBytes)]
    #[must_use]
    pub fn body_bytes(&self) -> f64 {
        self.body_bytes as f64
    }

    /// Begins to answer a request. `headers` has a line for each name and one for its
    /// value; `peer` is the client's address.
    #[must_use]
    pub fn handle(
        &self,
        method: &str,
        url: &str,
        headers: &str,
        body: Vec<u8>,
        peer: Option<String>,
    ) -> Call {
        let router = self.router.clone();
        let request = request::read(method, url, headers, body, peer.as_deref());
        Call::new(async move { answer(&router, request).await })
    }
}

/// `config`, which must not name a file: there is none here.
fn without_files(config: Config) -> Result<Config> {
    match config.jwks_file() {
        None => Ok(config),
        Some(_) => {
            let message =
                "there are no files here: give the keys of tokens as text, in `jwks` in place of `jwks_file`";
            Err(Error::new(ErrorKind::ModelUnavailable, message))
        }
    }
}

fn pairs(texts: Vec<String>) -> Vec<(String, String)> {
    let mut texts = texts.into_iter();
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        pairs.push((name, value));
    }
    pairs
}
