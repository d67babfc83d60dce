use axum::extract::Request;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use edgeinfer_core::{Error, ErrorKind, Result};

use super::caller::Caller;
use super::keys::Given;
use super::{Peer, Rate, RateHeaders, Scope, bucket, hosts};
use crate::clock::Clock;
use crate::error::ApiError;
use crate::service::Service;
use crate::store::{Reach, Store};

/// What a path is for, and so who may ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody: whether the service runs and answers, and the pages, which know
    /// nothing of it before they have read its description.
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
            "/docs" | "/docs/docs.js" | "/docs/docs.css" | "/redoc" => Self::Open,
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
    /// The name of its key, or the subject of its token.
    pub(crate) key: Option<String>,
    /// Where it is counted against a rate.
    pub(crate) bucket: Option<Bucket>,
}

/// Why a request is not answered.
pub(crate) struct Refused {
    pub(super) error: Error,
    /// How the client would be let in.
    pub(super) challenge: Option<HeaderValue>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, challenge: None }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = ApiError(self.error).into_response();
        if let Some(challenge) = self.challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Whether `request` may be answered, if its bucket is not empty.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for a host that is not served,
/// [`ErrorKind::Unauthorized`] without a key and with a token that is not good,
/// [`ErrorKind::Forbidden`] with one that does not open the path.
pub(crate) fn admit(service: &Service, request: &Request) -> Result<Admitted, Refused> {
    let config = &service.config;
    hosts::check(&config.trusted_hosts, request.uri(), request.headers())?;
    let path = request.uri().path();
    let is_health = config.health_route.as_deref() == Some(path);
    let access = if is_health { Access::Open } else { Access::of(path) };
    let Some(scope) = access.scope() else { return Ok(Admitted::default()) };
    let peer = Peer::of(request, config.client_address_header.as_deref());
    let caller = authorised(service, request, scope, peer)?;
    let bucket = Bucket::of(service, request, caller.as_ref(), peer);
    Ok(Admitted { key: caller.map(|caller| caller.name().to_owned()), bucket })
}

/// Who sends `request`, where it needs or has a key or a token.
fn authorised<'a>(
    service: &'a Service,
    request: &Request,
    scope: Scope,
    peer: Option<Peer>,
) -> Result<Option<Caller<'a>>, Refused> {
    let given = Given::of(request.headers());
    let caller = given.map(|given| Caller::of(service, &given)).transpose()?;
    let is_open = is_open(service, scope);
    // A browser asks so before it sends what has the key.
    let is_preflight = request.method() == Method::OPTIONS;
    let is_own = peer.is_some_and(Peer::is_loopback);
    match (scope, caller) {
        (_, Some(Some(caller))) if caller.may(scope) => Ok(Some(caller)),
        (Scope::Predict, _) if is_open || is_preflight => Ok(None),
        // Behind a proxy on this machine all are its own: a key ends that.
        (Scope::Metrics | Scope::Admin, None) if is_own && is_open => Ok(None),
        (_, None) => Err(Error::new(ErrorKind::Unauthorized, missing(scope)).into()),
        (_, Some(None)) => {
            Err(Error::new(ErrorKind::Forbidden, "the key is none of those that are known here").into())
        }
        (_, Some(Some(caller))) => Err(caller.refused(scope)),
    }
}

/// Whether no key and no token opens `scope`.
pub(crate) fn is_open(service: &Service, scope: Scope) -> bool {
    let config = &service.config;
    config.keys.is_open(scope) && !config.jwt.as_ref().is_some_and(|tokens| tokens.open(scope))
}

fn missing(scope: Scope) -> String {
    let whom = match scope {
        Scope::Predict => "",
        Scope::Metrics => " with the scope `metrics`, or is for this machine where there is none",
        Scope::Admin => " with the scope `admin`, or is for this machine where there is none",
    };
    format!(
        "this path asks for a key or a token{whom}; send it in the header X-API-Key, or as Authorization: Bearer …"
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
    fn of(
        service: &Service,
        request: &Request,
        caller: Option<&Caller<'_>>,
        peer: Option<Peer>,
    ) -> Option<Self> {
        let rate = caller.and_then(Caller::rate).or(service.config.rate)?;
        let clock = service.clock.filter(|_| request.method() != Method::OPTIONS)?;
        let name = match (caller, peer) {
            (Some(caller), _) => caller.bucket(),
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
