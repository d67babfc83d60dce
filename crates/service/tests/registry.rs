//! Several models and versions behind one service.
#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_core::{Error, ErrorKind, ModelBytes};
use edgeinfer_service::{Config, Host, Registry, Source, api};
use serde_json::json;
use support::{Api, ENGINE, SETOSA, file, model_of_two_classes, model_of_words};

fn from(bytes: Vec<u8>) -> Source {
    Source::File { place: "models/x.edge".to_owned(), read: Box::new(move || Ok(bytes.as_slice().into())) }
}

/// `flowers` in versions 1, 2 and 10, of which the newest is damaged; `words`;
/// `lost`, which cannot be read.
fn registry() -> Registry {
    let mut registry = Registry::new(Some(ENGINE));
    registry.add("flowers", "2", from(file("second")));
    registry.add("flowers", "10", from(b"EDGE".to_vec()));
    registry.add("flowers", "1", Source::Model(model_of_two_classes()));
    registry.add("words", "1", Source::Model(model_of_words()));
    let lost = || -> Result<ModelBytes, Error> { Err(Error::new(ErrorKind::ModelUnavailable, "lost")) };
    registry.add("lost", "1", Source::File { place: "lost.edge".to_owned(), read: Box::new(lost) });
    registry
}

fn several() -> Api {
    Api::over(api(registry(), Config::default(), Host::default()))
}

#[tokio::test]
async fn the_first_model_is_the_default_in_its_newest_version_that_loads() {
    let api = several();
    let info = api.get("/model/info").await.json();
    assert_eq!(
        (&info["name"], &info["model"], &info["version"]),
        (&json!("second"), &json!("flowers"), &json!("2"))
    );
    assert_eq!(info["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(api.post("/predict", SETOSA).await.json()["prediction"], 0);
}

#[tokio::test]
async fn each_model_and_version_answers_for_itself() {
    let api = several();
    for (path, prediction) in [
        ("/v1/models/flowers", json!(0)),
        ("/v1/models/flowers/versions/2", json!(0)),
        ("/v1/models/flowers/versions/1", json!("no")),
    ] {
        let answer = api.post(&format!("{path}/predict"), SETOSA).await;
        assert_eq!((answer.status, &answer.json()["prediction"]), (200, &prediction), "{path}");
        let batch = api.post(&format!("{path}/predict/batch"), format!("[{SETOSA}]")).await.json();
        assert_eq!(batch["predictions"][0]["prediction"], prediction);
    }
    let words = api.post("/v1/models/words/predict", r#"{"features": {"a": 2}}"#).await;
    assert_eq!(words.json()["prediction"], 2.0);
    assert_eq!(api.get("/v1/models/words/info").await.json()["model"], "words");
}

#[tokio::test]
async fn another_default_may_be_chosen() {
    let mut registry = registry();
    assert!(registry.set_default("none").is_err());
    assert!(registry.set_default("words").is_ok());
    let api = Api::over(api(registry, Config::default(), Host::default()));
    assert_eq!(api.get("/model/info").await.json()["model"], "words");
    assert_eq!(
        api.get("/v1/models").await.json(),
        json!({"models": ["flowers", "lost", "words"], "default": "words"})
    );
}

#[tokio::test]
async fn a_model_that_does_not_load_takes_no_other_down() {
    let api = several();
    for path in ["/v1/models/lost/info", "/v1/models/flowers/versions/10/info"] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, &answer.error()["code"]), (503, &json!("model_unavailable")), "{path}");
    }
    let health = api.get("/health").await;
    assert_eq!(health.status, 200);
    let health = health.json();
    assert_eq!((&health["status"], &health["model_loaded"]), (&json!("degraded"), &json!(true)));
    assert_eq!(health["reason"], "2 of 5 models and versions do not load");
    let failed = |index: usize| (&health["models"][index]["version"], &health["models"][index]["status"]);
    assert_eq!(failed(0), (&json!("10"), &json!("failed")));
    assert_eq!(failed(1), (&json!("2"), &json!("ready")));
    assert_eq!(health["models"][3]["reason"], "lost.edge: lost");
}

#[tokio::test]
async fn tells_which_versions_are_available() {
    let api = several();
    let status = api.get("/v1/models/flowers").await.json();
    assert_eq!((&status["name"], &status["ready"]), (&json!("flowers"), &json!(true)));
    let versions = status["model_version_status"].as_array().cloned().unwrap_or_default();
    let states: Vec<_> = versions.iter().map(|version| (&version["version"], &version["state"])).collect();
    let (available, end) = (json!("AVAILABLE"), json!("END"));
    assert_eq!(states, [(&json!("10"), &end), (&json!("2"), &available), (&json!("1"), &available)]);
    assert_eq!(versions[0]["status"]["error_code"], "FAILED_PRECONDITION");
    let one = api.get("/v1/models/flowers/versions/1").await.json();
    assert_eq!(one["model_version_status"].as_array().map(Vec::len), Some(1));
    assert_eq!(api.get("/v1/models/lost").await.json()["ready"], false);
}

#[tokio::test]
async fn a_model_or_version_that_is_not_there_is_a_404_with_those_that_are() {
    let api = several();
    for (path, message) in [
        ("/v1/models/flower", "there is no model `flower`; there is `flowers`, `lost`, `words`"),
        ("/v1/models/flower/info", "there is no model `flower`; there is `flowers`, `lost`, `words`"),
        (
            "/v1/models/flowers/versions/3/info",
            "the model `flowers` has no version `3`; it has `10`, `2`, `1`",
        ),
        ("/v1/models/flowers/versions/3", "the model `flowers` has no version `3`; it has `10`, `2`, `1`"),
    ] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, &answer.error()["message"]), (404, &json!(message)));
    }
}
