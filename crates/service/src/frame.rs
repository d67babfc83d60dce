//! The outermost layer: who may ask, and what every response has.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;
use crate::guard::{Admitted, Bucket, RateHeaders, admit};
use crate::observe::{Active, Labels, Line, Note, Trace};
use crate::render::{Style, render_failure};
use crate::request_id::{REQUEST_ID, RequestId};
use crate::service::Service;

/// Answers `request`, or refuses it, and counts it.
pub(crate) async fn frame(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let exchange = Exchange::begin(&service, &mut request);
    let (response, key, rate) = match admit(&service, &request) {
        Ok(Admitted { key, bucket }) => {
            service.follow().await;
            let rate = taken(&service, bucket).await;
            match rate.map_or(Ok(()), RateHeaders::check) {
                Ok(()) => (next.run(request).await, key, rate),
                Err(refused) => (ApiError(refused).into_response(), key, rate),
            }
        }
        Err(refused) => (refused.into_response(), None, None),
    };
    let response = exchange.end(response, key.as_deref(), rate);
    service.counts.settle(&*service.store, service.clock).await;
    response
}

/// What is left after this request, where its client has a rate. A store that fails
/// bars nobody.
async fn taken(service: &Service, bucket: Option<Bucket>) -> Option<RateHeaders> {
    let taken = bucket?.take(&*service.store).await;
    if taken.is_err() {
        service.counts.store_failed();
    }
    taken.ok()
}

/// A request that is being answered.
struct Exchange<'a> {
    service: &'a Service,
    _active: Active<'a>,
    id: RequestId,
    style: Style,
    trace: Option<Trace>,
    note: Arc<Note>,
    route: String,
    method: &'static str,
    is_action: bool,
    start: Option<Duration>,
}

/// How long a request took, in seconds.
const PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");
const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

impl<'a> Exchange<'a> {
    fn begin(service: &'a Service, request: &mut Request) -> Self {
        let note = Arc::new(Note::default());
        request.extensions_mut().insert(Arc::clone(&note));
        // What clients make up is no name of a route.
        let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
        Self {
            service,
            _active: service.counts.begin(),
            id: RequestId::of(request.headers()),
            style: Style::of(request.uri().path(), request.headers()),
            trace: Trace::of(request.headers()),
            note,
            route,
            method: known(request.method()),
            is_action: is_action(request.uri().path()),
            start: service.clock.map(|clock| clock.now()),
        }
    }

    fn end(self, response: Response, key: Option<&str>, rate: Option<RateHeaders>) -> Response {
        let (mut response, code) = render_failure(response, &self.id, self.style);
        let now = self.service.clock.map(|clock| clock.now());
        let time = now.zip(self.start).map(|(now, start)| now.saturating_sub(start));
        self.log(response.status(), code, key, time);
        self.decorate(&mut response, rate, time);
        let (method, status) = (Cow::Borrowed(self.method), response.status().as_u16());
        let labels = Labels { route: self.route, method, status };
        self.service.count(&self.note);
        self.service.counts.answered(labels, code, time.unwrap_or_default());
        response.headers_mut().insert(REQUEST_ID, self.id.into());
        response
    }

    fn log(&self, status: StatusCode, code: Option<&'static str>, key: Option<&str>, time: Option<Duration>) {
        let Some(log) = self.service.log.as_ref().filter(|_| self.service.config.log) else { return };
        let about = self.note.model();
        let line = Line {
            time: self.service.clock.map(|clock| Line::time((clock.unix)())),
            level: Line::level(status.as_u16()),
            request_id: self.id.as_str(),
            trace_id: self.trace.as_ref().map(|trace| trace.id.as_str()),
            method: self.method,
            route: &self.route,
            model: about.map(|(entry, _)| entry.name()),
            version: about.map(|(entry, _)| entry.version()),
            rows: about.map(|(_, rows)| rows),
            status: status.as_u16(),
            code,
            cache: self.note.cache(),
            key,
            duration_ms: time.map(|time| time.as_secs_f64() * 1e3),
        };
        log(&line.write());
    }

    /// The headers of every response.
    fn decorate(&self, response: &mut Response, rate: Option<RateHeaders>, time: Option<Duration>) {
        let unauthorised = response.status() == StatusCode::UNAUTHORIZED;
        let is_action = self.is_action && response.status() == StatusCode::METHOD_NOT_ALLOWED;
        let headers = response.headers_mut();
        secure(headers);
        if is_action {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        if unauthorised {
            headers.entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
        }
        if let Some(rate) = rate {
            rate.insert(headers);
        }
        let mut insert = |name, text: String| {
            // Digits, letters and hyphens are always a header's value.
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        };
        if let Some(time) = time {
            insert(PROCESS_TIME, format!("{:.6}", time.as_secs_f64()));
        }
        if let Some(trace) = &self.trace {
            insert(TRACE_RESPONSE, trace.response());
        }
    }
}

/// Whether `path` is that of what a model does, as TensorFlow Serving writes it. The
/// router takes its last part for a name, which could be read too.
pub(crate) fn is_action(path: &str) -> bool {
    path.starts_with("/v1/models/") && path.contains(':')
}

/// What keeps a browser from taking an answer for something else.
///
/// <https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers>
fn secure(headers: &mut HeaderMap) {
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// The method's name; clients may make up others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
