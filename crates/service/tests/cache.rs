//! Answers that are given again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edgeinfer_core::ElementType;
use edgeinfer_service::http::Request;
use edgeinfer_service::{Clock, Config, Host, Peer, Registry, api};
use serde_json::json;
use support::{Api, FEATURES, SETOSA, model, model_that_echoes};

fn over(registry: Registry, config: &str) -> Api {
    over_at(registry, config, || Duration::from_secs(1_700_000_000))
}

fn over_at(registry: Registry, config: &str, now: fn() -> Duration) -> Api {
    let host = Host { clock: Some(Clock { monotonic: now, unix: now }), ..Host::default() };
    Api::over(api(registry, Config::read(Some(config), []).unwrap(), host))
}

fn caching() -> Api {
    over(Registry::of(model()), "cache = { seconds = 60 }")
}

#[tokio::test]
async fn the_same_question_is_answered_from_before_however_it_is_written() {
    let api = caching();
    let first = api.post("/predict", SETOSA).await;
    assert_eq!(first.header("x-cache"), Some("MISS"));
    for body in [SETOSA, "{ \"features\" : [5.1, 3.5, 1.4, 0.20] }"] {
        let again = api.post("/predict", body).await;
        assert_eq!((again.status, again.header("x-cache")), (200, Some("HIT")));
        assert_eq!((again.text(), again.header("content-type")), (first.text(), Some("application/json")));
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    let [a, b, c, d] = FEATURES;
    let named = json!({"features": {a: 5.1, b: 3.5, c: 1.4, d: 0.2}}).to_string();
    let reversed = format!(r#"{{"features":{{"{d}":0.2,"{c}":1.4,"{b}":3.5,"{a}":5.1}}}}"#);
    for (body, outcome) in [(named, "MISS"), (reversed, "HIT")] {
        let answer = api.post("/predict", body).await;
        assert_eq!((answer.text(), answer.header("x-cache")), (first.text(), Some(outcome)));
    }
}

#[tokio::test]
async fn another_question_is_not() {
    let api = caching();
    let miss = async |path: &str, body: &str| {
        let answer = api.post(path, body.to_owned()).await;
        assert_eq!((answer.status, answer.header("x-cache")), (200, Some("MISS")), "{path} {body}");
    };
    miss("/predict", SETOSA).await;
    miss("/predict", r#"{"features":[5.1,3.5,1.4,0.21]}"#).await;
    miss("/predict", r#"{"features":[5.1,3.5,1.4,0.2],"top_k":1}"#).await;
    miss("/predict/batch", &format!("[{SETOSA}]")).await;
    miss("/predict/batch", &format!("[{SETOSA},{SETOSA}]")).await;
    let csv = Request::post("/predict/batch").header("content-type", "application/json");
    let answer = api.send(csv.header("accept", "text/csv"), format!("[{SETOSA}]")).await;
    assert_eq!(
        (answer.header("x-cache"), answer.header("content-type")),
        (Some("MISS"), Some("text/csv; charset=utf-8; header=present"))
    );
}

#[tokio::test]
async fn failures_and_what_tells_of_them_are_not_kept() {
    let api = caching();
    let failing = r#"{"features":[-1,3.5,1.4,0.2]}"#;
    for _ in 0..2 {
        let answer = api.post("/predict", failing).await;
        assert_eq!((answer.status, answer.header("x-cache")), (500, None));
        assert_eq!(api.post("/predict", "{").await.header("x-cache"), None);
        let partial = format!("{{\"instances\":[{SETOSA}],\"partial\":true}}");
        assert_eq!(api.post("/predict/batch", partial).await.header("x-cache"), Some("BYPASS"));
    }
}

#[tokio::test]
async fn a_client_may_forbid_it() {
    let api = caching();
    let ask = async |control: &str| {
        let request = Request::post("/predict").header("content-type", "application/json");
        api.send(request.header("cache-control", control), SETOSA).await.header("x-cache").map(str::to_owned)
    };
    assert_eq!(ask("no-store").await.as_deref(), Some("BYPASS"));
    assert_eq!(ask("max-age=0").await.as_deref(), Some("MISS"));
    assert_eq!(ask("max-age=0, No-Cache").await.as_deref(), Some("BYPASS"));
    assert_eq!(ask("max-age=0").await.as_deref(), Some("HIT"));
}

#[tokio::test]
async fn is_off_unless_it_is_set() {
    let api = over(Registry::of(model()), "");
    for _ in 0..2 {
        assert_eq!(api.post("/predict", SETOSA).await.header("x-cache"), None);
    }
}

#[tokio::test]
async fn what_is_too_old_or_too_much_is_asked_anew() {
    static NOW: AtomicU64 = AtomicU64::new(1_700_000_000);
    let now = || Duration::from_secs(NOW.load(Ordering::Relaxed));
    let api = over_at(Registry::of(model()), "cache = { seconds = 60, entries = 2 }", now);
    let outcome = async |last: f64| {
        let body = json!({"features": [5.1, 3.5, 1.4, last]}).to_string();
        api.post("/predict", body).await.header("x-cache").map(str::to_owned)
    };
    assert_eq!(outcome(0.1).await.as_deref(), Some("MISS"));
    assert_eq!(outcome(0.1).await.as_deref(), Some("HIT"));
    NOW.fetch_add(60, Ordering::Relaxed);
    assert_eq!(outcome(0.1).await.as_deref(), Some("MISS"));
    for last in [0.2, 0.3, 0.4] {
        outcome(last).await;
    }
    assert_eq!(outcome(0.1).await.as_deref(), Some("MISS"));
    let small = over(Registry::of(model()), "cache = { seconds = 60, bytes = 40 }");
    for _ in 0..2 {
        assert_eq!(small.post("/predict", SETOSA).await.header("x-cache"), Some("MISS"));
    }
}

#[tokio::test]
async fn tensors_are_the_same_as_numbers_and_as_bytes() {
    let api = over(Registry::of(model_that_echoes(ElementType::Float32)), "cache = { seconds = 60 }");
    let body = |more: &str| {
        format!(r#"{{{more}"inputs":[{{"name":"in","shape":[1,2],"datatype":"FP32","data":[1,2.5]}}]}}"#)
    };
    let first = api.post("/v2/models/iris/infer", body("")).await;
    assert_eq!((first.status, first.header("x-cache")), (200, Some("MISS")));
    let header =
        r#"{"inputs":[{"name":"in","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}"#;
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend([1.0_f32, 2.5].iter().flat_map(|value| value.to_le_bytes()));
    let request =
        Request::post("/v2/models/iris/infer").header("inference-header-content-length", header.len());
    let again = api.send(request, bytes).await;
    assert_eq!((again.header("x-cache"), again.text()), (Some("HIT"), first.text()));
    let other = api.post("/v2/models/iris/infer", body(r#""id":"7","#)).await;
    assert_eq!((other.header("x-cache"), &other.json()["id"]), (Some("MISS"), &json!("7")));
}

#[tokio::test]
async fn metrics_count_what_became_of_requests() {
    let api = caching();
    for _ in 0..3 {
        api.post("/predict", SETOSA).await;
    }
    let request = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    let metrics = api.send(request, "").await;
    for line in [
        "edgeinfer_cache_requests_total{result=\"hit\"} 2",
        "edgeinfer_cache_requests_total{result=\"miss\"} 1",
        "edgeinfer_predictions_total{model=\"iris\",version=\"1\"} 1",
    ] {
        assert!(metrics.text().lines().any(|known| known == line), "{line}\n{}", metrics.text());
    }
}
