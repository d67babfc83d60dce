//! Keys, rates, hosts, origins, and what every response has.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edgeinfer_service::http::Request;
use edgeinfer_service::http::request::Builder;
use edgeinfer_service::{Clock, Config, Host, Peer, Registry, api};
use serde_json::json;
use support::{Answer, Api, SETOSA, model};

/// Of `alpha`, `metrics-key` and `admin-key`.
const KEYS: &str = r#"
keys = [
  { name = "alpha", hash = "sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8" },
  { name = "prometheus", hash = "sha256:65d4b602383661868c37d43f1996ba907872c96a1f2f0e86e3b6f5e35d464066", scopes = ["metrics"] },
  { name = "operator", hash = "sha256:69a5265506c94c77b787a7d7377b7685a0eff82e33920a71e7ee22cd6154953e", scopes = ["predict", "admin"] },
]
"#;

fn over(config: &str, host: Host) -> Api {
    let config = Config::read(Some(config), []).unwrap();
    Api::over(api(Registry::of(model()), config, host))
}

fn with_keys() -> Api {
    over(KEYS, Host::default())
}

async fn predict(api: &Api, request: Builder) -> Answer {
    api.send(request.header("content-type", "application/json"), SETOSA).await
}

fn post() -> Builder {
    Request::post("/predict")
}

#[tokio::test]
async fn a_key_opens_what_it_is_for() {
    let api = with_keys();
    assert_eq!(predict(&api, post().header("x-api-key", "alpha")).await.status, 200);
    assert_eq!(predict(&api, post().header("authorization", "Bearer alpha")).await.status, 200);
    let metrics = |key| Request::get("/metrics").header("x-api-key", key);
    assert_eq!(api.send(metrics("metrics-key"), "").await.status, 200);
    assert_eq!(api.send(metrics("alpha"), "").await.status, 403);
    // Behind a proxy all come from this machine.
    let own = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    assert_eq!(api.send(own, "").await.status, 401);
    let unload = |key| Request::post("/v2/repository/models/iris/unload").header("x-api-key", key);
    assert_eq!(api.send(unload("metrics-key"), "").await.status, 403);
    assert_eq!(api.send(unload("admin-key"), "").await.status, 200);
}

#[tokio::test]
async fn without_a_key_it_is_a_401_and_with_a_wrong_one_a_403() {
    let api = with_keys();
    for (request, status, code) in [
        (post(), 401, "unauthorized"),
        (post().header("authorization", "Basic alpha"), 401, "unauthorized"),
        (post().header("x-api-key", "beta"), 403, "forbidden"),
        (post().header("x-api-key", "metrics-key"), 403, "forbidden"),
    ] {
        let answer = predict(&api, request).await;
        assert_eq!((answer.status, &answer.error()["code"]), (status, &json!(code)));
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
    // Who has no key does not learn what there is.
    assert_eq!(api.get("/nothing").await.status, 401);
    for path in
        ["/health", "/v1/health/live", "/ping", "/v2/health/ready", "/docs", "/redoc", "/docs/docs.js"]
    {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_unless_there_is_a_key() {
    let api = Api::new();
    let from = |address: &str| Request::get("/metrics").extension(Peer(address.parse().unwrap()));
    assert_eq!(api.send(from("127.0.0.1"), "").await.status, 200);
    assert_eq!(api.send(from("::1"), "").await.status, 200);
    assert_eq!(api.send(from("10.0.0.1"), "").await.status, 401);
    assert_eq!(api.get("/metrics").await.status, 401);
}

/// Milliseconds that the tests' clock shows; each test that turns it has its own.
static NOW: AtomicU64 = AtomicU64::new(0);

fn clock() -> Host {
    let now = || Duration::from_millis(NOW.load(Ordering::Relaxed));
    Host { clock: Some(Clock { monotonic: now, unix: now }), ..Host::default() }
}

#[tokio::test]
async fn a_client_over_its_rate_is_told_when_to_come_back() {
    let api = over("rate = { requests = 2, seconds = 10 }", clock());
    let from = |last: u8| post().extension(Peer([10, 0, 0, last].into()));
    let first = predict(&api, from(1)).await;
    assert_eq!(first.header("ratelimit-policy"), Some("\"default\";q=2;w=10"));
    assert_eq!(first.header("ratelimit"), Some("\"default\";r=1;t=5"));
    assert_eq!(predict(&api, from(1)).await.status, 200);
    let over = predict(&api, from(1)).await;
    assert_eq!((over.status, &over.error()["code"]), (429, &json!("rate_limited")));
    assert_eq!(over.header("retry-after"), Some("5"));
    assert_eq!(predict(&api, from(2)).await.status, 200);
    NOW.fetch_add(5000, Ordering::Relaxed);
    assert_eq!(predict(&api, from(1)).await.status, 200);
    // Whoever looks after the service is not counted.
    for _ in 0..5 {
        assert_eq!(api.get("/health").await.status, 200);
    }
}

#[tokio::test]
async fn only_hosts_that_are_trusted_are_served() {
    let api = over("trusted_hosts = [\"a.example\"]", Host::default());
    assert_eq!(predict(&api, post().header("host", "a.example:8080")).await.status, 200);
    let answer = predict(&api, post().header("host", "evil.example")).await;
    assert_eq!(
        (answer.status, &answer.error()["message"]),
        (400, &json!("the host `evil.example` is not served here"))
    );
}

#[tokio::test]
async fn pages_of_origins_that_are_allowed_may_ask() {
    let api = over("cors_origins = [\"https://a.example\"]", Host::default());
    let allowed = predict(&api, post().header("origin", "https://a.example")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://a.example"));
    let other = predict(&api, post().header("origin", "https://b.example")).await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    let preflight = Request::options("/predict")
        .header("origin", "https://a.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let answer = api.send(preflight, "").await;
    assert_eq!((answer.status, answer.header("access-control-allow-methods")), (200, Some("GET,POST")));
    assert_eq!(Api::new().get("/health").await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn every_response_has_the_headers_that_keep_it_what_it_is() {
    let api = Api::new();
    for answer in [api.get("/health").await, api.get("/nothing").await, api.get("/predict").await] {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn a_default_model_that_is_not_there_is_told_of() {
    let api = over("default_model = \"rose\"", Host::default());
    let health = api.get("/health").await;
    assert_eq!(
        (health.status, &health.json()["reason"]),
        (503, &json!("there is no model `rose`; there is `iris`"))
    );
    assert_eq!(predict(&api, Request::post("/v1/models/iris/predict")).await.status, 200);
}
