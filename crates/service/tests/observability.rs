//! Metrics, log lines, traces, times.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edgeinfer_service::http::Request;
use edgeinfer_service::{Clock, Config, Host, Peer, Registry, api};
use serde_json::{Value, json};
use support::{Api, SETOSA, model};

/// A clock that goes on by a millisecond each time that it is asked.
static TICKS: AtomicU64 = AtomicU64::new(0);
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn watched(log: bool) -> Api {
    let now = || Duration::from_millis(TICKS.fetch_add(1, Ordering::Relaxed));
    let clock = Clock { monotonic: now, unix: || Duration::from_secs(1_709_251_199) };
    let host = Host {
        clock: Some(clock),
        log: Some(Arc::new(|line| LINES.lock().unwrap().push(line.to_owned()))),
        store: None,
    };
    Api::over(api(Registry::of(model()), Config { log, ..Config::default() }, host))
}

async fn metrics(api: &Api) -> Vec<String> {
    let request = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    let answer = api.send(request, "").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn counts_what_was_sent() {
    let api = watched(false);
    for _ in 0..3 {
        api.post("/predict", SETOSA).await;
    }
    api.post("/predict/batch", format!("[{SETOSA},{SETOSA}]")).await;
    api.post("/predict", "{").await;
    api.get("/nothing/at/all").await;
    let lines = metrics(&api).await;
    let has = |line: &str| assert!(lines.iter().any(|known| known == line), "{line}\n{}", lines.join("\n"));
    let labels = |route: &str, method: &str, status: u16| {
        format!(
            "http_route=\"{route}\",http_request_method=\"{method}\",http_response_status_code=\"{status}\""
        )
    };
    let count = "http_server_request_duration_seconds_count";
    has(&format!("{count}{{{}}} 3", labels("/predict", "POST", 200)));
    has(&format!("{count}{{{}}} 1", labels("/predict", "POST", 400)));
    has(&format!("{count}{{{}}} 1", labels("other", "GET", 404)));
    let bucket = "http_server_request_duration_seconds_bucket";
    has(&format!("{bucket}{{{},le=\"+Inf\"}} 3", labels("/predict", "POST", 200)));
    has(&format!("{bucket}{{{},le=\"0.001\"}} 0", labels("/predict", "POST", 200)));
    has(&format!("{bucket}{{{},le=\"10\"}} 3", labels("/predict", "POST", 200)));
    has("http_server_active_requests 1");
    has("edgeinfer_requests_rejected_total{reason=\"malformed_request\"} 1");
    has("edgeinfer_requests_rejected_total{reason=\"not_found\"} 1");
    has("edgeinfer_predictions_total{model=\"iris\",version=\"1\"} 5");
    has("nv_inference_request_success{model=\"iris\",version=\"1\"} 4");
    has("nv_inference_count{model=\"iris\",version=\"1\"} 5");
    has("edgeinfer_model_ready{model=\"iris\",version=\"1\"} 1");
    assert!(lines.iter().any(|line| line.starts_with("edgeinfer_model_load_seconds{model=\"iris\"")));
}

#[tokio::test]
async fn every_family_is_named_once_with_its_type() {
    let api = watched(false);
    api.post("/predict", SETOSA).await;
    let lines = metrics(&api).await;
    let types: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let names: std::collections::BTreeSet<_> = types.iter().map(|line| line.split(' ').next()).collect();
    assert_eq!(names.len(), types.len());
    for line in lines.iter().filter(|line| !line.starts_with('#')) {
        assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn a_request_is_a_line_of_json_without_its_features() {
    let api = watched(true);
    let request = Request::post("/predict/batch")
        .header("content-type", "application/json")
        .header("x-request-id", "log-1")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let answer = api.send(request, format!("[{SETOSA},{SETOSA}]")).await;
    assert!(answer.header("traceresponse").unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    api.send(Request::get("/nothing").header("x-request-id", "log-2"), "").await;
    let lines: Vec<Value> =
        LINES.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |id: &str| {
        let mut line = lines.iter().find(|line| line["request_id"] == id).unwrap().clone();
        assert!(line["duration_ms"].take().as_f64().unwrap() >= 1.0);
        line
    };
    assert_eq!(
        line("log-1"),
        json!({
            "time": "2024-02-29T23:59:59.000Z", "level": "info", "request_id": "log-1",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "method": "POST", "route": "/predict/batch",
            "model": "iris", "version": "1", "rows": 2, "status": 200, "duration_ms": null,
        })
    );
    assert_eq!(
        line("log-2"),
        json!({
            "time": "2024-02-29T23:59:59.000Z", "level": "warn", "request_id": "log-2", "method": "GET",
            "route": "other", "status": 404, "code": "not_found", "duration_ms": null,
        })
    );
}

#[tokio::test]
async fn an_answer_says_how_long_it_took_where_the_host_has_a_clock() {
    let answer = watched(false).post("/predict", SETOSA).await;
    assert!(answer.header("x-process-time").unwrap().parse::<f64>().unwrap() > 0.0);
    assert_eq!(Api::new().get("/health").await.header("x-process-time"), None);
}
