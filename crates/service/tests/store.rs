//! Several instances of the service that share a store.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use edgeinfer_core::{Error, ErrorKind};
use edgeinfer_service::http::Request;
use edgeinfer_service::{
    About, Bytes, Change, Clock, Config, Host, Item, MemoryStore, Peer, Reach, Registry, Source, Store,
    StoreFuture, Updates, api,
};
use serde_json::json;
use support::{Api, ENGINE, SETOSA, file};

/// A store that instances share, which may fail.
#[derive(Default)]
struct Shared {
    values: MemoryStore,
    fails: AtomicBool,
    interval: Duration,
    operations: AtomicU64,
}

impl Shared {
    fn operation<'a, T: Send + 'a>(&self, value: T) -> StoreFuture<'a, T> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        let fails = self.fails.load(Ordering::Relaxed);
        let done = if fails { Err(Error::new(ErrorKind::Internal, "the store is away")) } else { Ok(value) };
        Box::pin(std::future::ready(done))
    }
}

impl Store for Shared {
    fn about(&self) -> About {
        let (reach, updates) = (Reach::Global, Updates::Exact);
        About { name: "shared".to_owned(), reach, updates, interval: self.interval }
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.operation(self.values.read(key))
    }

    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()> {
        self.values.write(key, item);
        self.operation(())
    }

    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        self.values.remove(key);
        self.operation(())
    }

    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        if !self.fails.load(Ordering::Relaxed) {
            self.values.change(key, change);
        }
        self.operation(())
    }
}

/// Milliseconds that the tests' clock shows; each test that turns it has its own.
static NOW: AtomicU64 = AtomicU64::new(5_000);

fn instance(store: &Arc<Shared>, config: &str) -> Api {
    let mut registry = Registry::new(Some(ENGINE));
    for version in ["1", "2"] {
        let read = Box::new(|| Ok(file("iris").as_slice().into()));
        registry.add("iris", version, Source::File { place: "iris.edge".to_owned(), read });
    }
    let unix = || Duration::from_millis(1_700_000_000_000 + NOW.load(Ordering::Relaxed));
    let clock = Clock { monotonic: || Duration::from_millis(NOW.load(Ordering::Relaxed)), unix };
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    let host = Host { clock: Some(clock), store: Some(store), ..Host::default() };
    Api::over(api(registry, Config::read(Some(config), []).unwrap(), host))
}

async fn metrics(api: &Api) -> String {
    let request = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    api.send(request, "").await.text().to_owned()
}

async fn admin(api: &Api, path: &str) -> u16 {
    api.send(Request::post(path).extension(Peer([127, 0, 0, 1].into())), "").await.status
}

#[tokio::test]
async fn counts_are_those_of_all_instances() {
    let store = Arc::default();
    for _ in 0..3 {
        // An instance for each request, as in Spin.
        assert_eq!(instance(&store, "").post("/predict", SETOSA).await.status, 200);
    }
    instance(&store, "").post("/predict", "{").await;
    instance(&store, "").post("/predict/batch", format!("[{SETOSA},{SETOSA}]")).await;
    let text = metrics(&instance(&store, "")).await;
    for line in [
        "http_server_request_duration_seconds_count{http_route=\"/predict\",http_request_method=\"POST\",http_response_status_code=\"200\"} 3",
        "edgeinfer_requests_rejected_total{reason=\"malformed_request\"} 1",
        "edgeinfer_predictions_total{model=\"iris\",version=\"2\"} 5",
        "edgeinfer_model_ready{model=\"iris\",version=\"2\"} 1",
        "edgeinfer_store_failures_total 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    let stats = instance(&store, "").get("/v2/models/iris/versions/2/stats").await.json();
    assert_eq!(stats["model_stats"][0]["inference_count"], 5);
    assert_eq!(stats["model_stats"][0]["inference_stats"]["success"]["count"], 4);
}

#[tokio::test]
async fn a_rate_is_that_of_all_instances() {
    let store = Arc::default();
    let config = "rate = { requests = 3, seconds = 60 }";
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(instance(&store, config).post("/predict", SETOSA).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
}

#[tokio::test]
async fn what_is_unloaded_at_one_instance_is_unloaded_at_all() {
    let store = Arc::default();
    let (first, second) = (instance(&store, ""), instance(&store, ""));
    assert_eq!(second.post("/predict", SETOSA).await.status, 200);
    assert_eq!(admin(&first, "/v2/repository/models/iris/unload").await, 200);
    let answer = second.post("/predict", SETOSA).await;
    assert_eq!((answer.status, &answer.error()["code"]), (503, &json!("model_unavailable")));
    let third = instance(&store, "");
    assert_eq!(third.get("/v2/models/iris/ready").await.status, 503);
    let index = third.post("/v2/repository/index", "").await.json();
    assert_eq!((&index[0]["state"], &index[0]["reason"]), (&json!("UNAVAILABLE"), &json!("unloaded")));
    assert!(metrics(&third).await.contains("edgeinfer_model_ready{model=\"iris\",version=\"2\"} 0"));

    assert_eq!(admin(&third, "/v2/repository/models/iris/load").await, 200);
    for api in [&first, &second, &third, &instance(&store, "")] {
        assert_eq!(api.post("/predict", SETOSA).await.status, 200);
    }
    assert_eq!(admin(&second, "/v2/repository/models/iris/unload").await, 200);
    assert_eq!(first.get("/v2/models/iris/ready").await.status, 503);
}

#[tokio::test]
async fn a_store_that_fails_takes_nothing_down_and_is_caught_up_with() {
    let store: Arc<Shared> = Arc::default();
    let config = "rate = { requests = 1, seconds = 60 }";
    let api = instance(&store, config);
    store.fails.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(api.post("/predict", SETOSA).await.status, 200);
    }
    assert_eq!(admin(&api, "/v2/repository/models/iris/unload").await, 500);
    store.fails.store(false, Ordering::Relaxed);
    api.get("/health").await;
    let text = metrics(&instance(&store, "")).await;
    assert!(text.contains("edgeinfer_predictions_total{model=\"iris\",version=\"2\"} 3"), "{text}");
    assert!(!text.contains("edgeinfer_store_failures_total 0"), "{text}");
}

#[tokio::test]
async fn a_store_is_asked_no_more_often_than_it_wants() {
    let store = Arc::new(Shared { interval: Duration::from_secs(1), ..Shared::default() });
    let api = instance(&store, "");
    for _ in 0..10 {
        api.post("/predict", SETOSA).await;
    }
    assert_eq!(store.operations.load(Ordering::Relaxed), 2);
    NOW.fetch_add(1_000, Ordering::Relaxed);
    api.post("/predict", SETOSA).await;
    let text = metrics(&instance(&store, "")).await;
    assert!(text.contains("edgeinfer_predictions_total{model=\"iris\",version=\"2\"} 11"), "{text}");
}

#[tokio::test]
async fn health_says_what_the_store_gives() {
    let shared = instance(&Arc::default(), "").get("/health?full").await.json();
    assert_eq!(shared["store"], json!({"name": "shared", "reach": "global", "updates": "exact"}));
    let own = Api::new().get("/health?full").await.json();
    assert_eq!(own["store"], json!({"name": "memory", "reach": "instance", "updates": "exact"}));
}

#[tokio::test]
async fn a_configuration_for_memory_leaves_the_host_s_store_alone() {
    let store: Arc<Shared> = Arc::default();
    let api = instance(&store, "[state]\nstore = \"memory\"");
    assert_eq!(api.post("/predict", SETOSA).await.status, 200);
    assert_eq!(store.operations.load(Ordering::Relaxed), 0);
    assert_eq!(api.get("/health?full").await.json()["store"]["name"], "memory");
}

#[tokio::test]
async fn requests_at_the_same_time_are_all_counted() {
    let store = Arc::default();
    let instances = [instance(&store, ""), instance(&store, "")];
    let requests = (0..200).map(|index| instances[index % 2].post("/predict", SETOSA));
    let answers = futures::future::join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let text = metrics(&instance(&store, "")).await;
    assert!(text.contains("edgeinfer_predictions_total{model=\"iris\",version=\"2\"} 200"), "{text}");
}
