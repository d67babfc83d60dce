use axum::extract::Request;
use axum::http::Method;
use edgeinfer_core::{Error, ErrorKind, Result};

use super::keys::{Key, given};
use super::{Peer, Rate, RateHeaders, Scope, bucket, hosts};
use crate::clock::Clock;
use crate::service::Service;
use crate::store::{Reach, Store};

/// What a path is for, and so who may ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever looks after the service: whether it runs and answers.
    Open,
    /// Those with a key, where the configuration has keys.
    Predict,
    /// Those with a key for it; without such a key, this machine itself.
    Metrics,
    /// As the metrics.
    Admin,
}

impl Access {
    pub(crate) fn of(path: &str) -> Self {
        let path = path.strip_prefix("/v1").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        match path {
            "/health" | "/health/live" | "/health/ready" | "/ping" => Self::Open,
            "/v2/health/live" | "/v2/health/ready" => Self::Open,
            "/metrics" => Self::Metrics,
            path if path.starts_with("/v2/repository/models/") => Self::Admin,
            _ => Self::Predict,
        }
    }

    fn scope(self) -> Option<Scope> {
        match self {
            Self::Open => None,
            Self::Predict => Some(Scope::Predict),
            Self::Metrics => Some(Scope::Metrics),
            Self::Admin => Some(Scope::Admin),
        }
    }
}

/// What is known of a request that may be answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Admitted {
    /// The name of its key.
    pub(crate) key: Option<String>,
    /// Where it is counted against a rate.
    pub(crate) bucket: Option<Bucket>,
}

/// Whether `request` may be answered, if its bucket is not empty.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for a host that is not served,
/// [`ErrorKind::Unauthorized`] without a key, [`ErrorKind::Forbidden`] with one that
/// does not open the path.
pub(crate) fn admit(service: &Service, request: &Request) -> Result<Admitted> {
    let config = &service.config;
    hosts::check(&config.trusted_hosts, request.uri(), request.headers())?;
    let path = request.uri().path();
    let is_health = config.health_route.as_deref() == Some(path);
    let access = if is_health { Access::Open } else { Access::of(path) };
    let Some(scope) = access.scope() else { return Ok(Admitted::default()) };
    let peer = Peer::of(request, config.client_address_header.as_deref());
    let key = authorised(service, request, scope, peer)?;
    let bucket = Bucket::of(service, request, key, peer);
    Ok(Admitted { key: key.map(|key| key.name.clone()), bucket })
}

/// The key of `request`, where it needs one or has one.
fn authorised<'a>(
    service: &'a Service,
    request: &Request,
    scope: Scope,
    peer: Option<Peer>,
) -> Result<Option<&'a Key>> {
    let keys = &service.config.keys;
    let key = given(request.headers()).map(|given| keys.find(given));
    // A browser asks so before it sends what has the key.
    let is_preflight = request.method() == Method::OPTIONS;
    let is_own = peer.is_some_and(Peer::is_loopback);
    match (scope, key) {
        (_, Some(Some(key))) if key.scopes.contains(&scope) => Ok(Some(key)),
        (Scope::Predict, _) if keys.is_open(scope) || is_preflight => Ok(None),
        // Behind a proxy on this machine all are its own: a key ends that.
        (Scope::Metrics | Scope::Admin, None) if is_own && keys.is_open(scope) => Ok(None),
        (_, None) => Err(Error::new(ErrorKind::Unauthorized, missing(scope))),
        (_, Some(None)) => {
            Err(Error::new(ErrorKind::Forbidden, "the key is none of those that are known here"))
        }
        (_, Some(Some(_))) => Err(Error::new(ErrorKind::Forbidden, "the key does not open this path")),
    }
}

fn missing(scope: Scope) -> String {
    let whom = match scope {
        Scope::Predict => "",
        Scope::Metrics => " with the scope `metrics`, or is for this machine where there is none",
        Scope::Admin => " with the scope `admin`, or is for this machine where there is none",
    };
    format!(
        "this path asks for a key{whom}; send it in the header X-API-Key, or as Authorization: Bearer KEY"
    )
}

/// The requests that are left to a client.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    name: String,
    rate: Rate,
    clock: Clock,
}

impl Bucket {
    fn of(service: &Service, request: &Request, key: Option<&Key>, peer: Option<Peer>) -> Option<Self> {
        let rate = key.and_then(|key| key.rate).or(service.config.rate)?;
        let clock = service.clock.filter(|_| request.method() != Method::OPTIONS)?;
        let name = match (key, peer) {
            (Some(key), _) => format!("key {}", key.name),
            (None, Some(Peer(address))) => format!("address {address}"),
            (None, None) => "all".to_owned(),
        };
        Some(Self { name, rate, clock })
    }

    /// Takes one request out of it.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) async fn take(&self, store: &dyn Store) -> Result<RateHeaders> {
        let now = match store.about().reach {
            Reach::Instance => self.clock.now(),
            // The one clock that instances share.
            Reach::Global => (self.clock.unix)(),
        };
        let taken = bucket::take(store, &self.name, self.rate, now).await?;
        Ok(RateHeaders { rate: self.rate, taken })
    }
}
