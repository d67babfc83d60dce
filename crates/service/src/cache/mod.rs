//! Answers that are kept to be given again.

mod question;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use borsh::{BorshDeserialize, BorshSerialize};
use edgeinfer_core::Result;

pub(crate) use self::question::Question;
use crate::clock::Clock;
use crate::error::ApiError;
use crate::service::{Service, Target};
use crate::store::{Item, Reach};

/// What the keys of answers begin with.
pub(crate) const KIND: &str = "edgeinfer-cache";

/// What became of a request at the cache.
const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
const HIT: &str = "HIT";
const MISS: &str = "MISS";
const BYPASS: &str = "BYPASS";

/// An answer as it is kept. All that are kept have the status 200.
#[derive(BorshSerialize, BorshDeserialize)]
struct Kept {
    /// Until when it is given, in nanoseconds since 1970.
    until: u64,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// Whether answers are kept, and so questions of use.
pub(crate) fn is_on(service: &Service) -> bool {
    service.config.cache.seconds > 0
}

/// The answer of `work` to `question`, which a request with `headers` asks `target`, or
/// one that is kept from before. A request that forbids that, or asks nothing whose
/// answer can be kept, does without; failures are never kept.
///
/// # Errors
///
/// Those of `work`.
pub(crate) async fn through(
    service: &Service,
    target: &Target,
    headers: &HeaderMap,
    question: Option<Question>,
    work: impl FnOnce() -> Result<Response, ApiError> + Send,
) -> Result<Response, ApiError> {
    let Some(clock) = service.clock.filter(|_| is_on(service)) else { return work() };
    let Some(question) = question.filter(|_| !is_forbidden(headers)) else {
        return work().map(|response| marked(target, response, BYPASS));
    };
    let key = format!("{KIND}:{}", question.key(target));
    let kept = service.store.get(&key).await;
    if kept.is_err() {
        service.counts.store_failed();
    }
    if let Some(response) = kept.as_ref().ok().and_then(|kept| again(kept.as_ref()?, clock)) {
        return Ok(marked(target, response, HIT));
    }
    let response = work()?;
    let response = if kept.is_ok() { keep(service, &key, clock, response).await } else { response };
    Ok(marked(target, response, MISS))
}

/// Whether a client wants none from before.
fn is_forbidden(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(',')).map(str::trim);
    directives.any(|directive| {
        directive.eq_ignore_ascii_case("no-cache") || directive.eq_ignore_ascii_case("no-store")
    })
}

fn marked(target: &Target, mut response: Response, outcome: &'static str) -> Response {
    target.cached(outcome);
    response.headers_mut().insert(X_CACHE, HeaderValue::from_static(outcome));
    response
}

/// The answer that is `kept`, where it is not too old.
fn again(kept: &Bytes, clock: Clock) -> Option<Response> {
    let Kept { until, headers, body } = borsh::from_slice(kept).ok()?;
    if Duration::from_nanos(until) <= (clock.unix)() {
        return None;
    }
    let mut response = Response::new(Body::from(body));
    for (name, value) in headers {
        let (name, value) = (HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        response.headers_mut().append(name, value);
    }
    Some(response)
}

/// Keeps `response` for the next who asks.
async fn keep(service: &Service, key: &str, clock: Clock, response: Response) -> Response {
    let config = service.config.cache;
    let (parts, body) = response.into_parts();
    // The bodies of answers are in memory: reading them cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    // In memory all are bounded together; elsewhere each is, and how many there are.
    let most = match service.store.about().reach {
        Reach::Instance => config.bytes / 4,
        Reach::Global => config.bytes / config.entries.max(1),
    };
    if parts.status.is_success() && body.len() <= most {
        let age = Duration::from_secs(config.seconds.into());
        let until = u64::try_from((clock.unix)().saturating_add(age).as_nanos()).unwrap_or(u64::MAX);
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), value.as_bytes().to_vec())
        };
        let kept = Kept { until, headers: parts.headers.iter().map(header).collect(), body: body.to_vec() };
        // Of what is here nothing cannot be written.
        let value = borsh::to_vec(&kept).unwrap_or_default().into();
        if service.store.put(key, Item { value, age: Some(age) }).await.is_err() {
            service.counts.store_failed();
        }
    }
    Response::from_parts(parts, Body::from(body))
}
