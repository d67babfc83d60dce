//! What the API says about the model, and about its absence.

mod support;

use edgeinfer_core::{Error, ErrorKind};
use edgeinfer_service::router;
use serde_json::json;
use support::{Api, FEATURES, LABELS, SETOSA, model_that_takes_missing_values};

fn without_model() -> Api {
    Api::over(router(Err(Error::new(ErrorKind::InvalidModel, "the file is empty").at("iris.edge"))))
}

#[tokio::test]
async fn is_healthy_while_a_model_is_loaded() {
    let api = Api::new();
    for path in ["/health", "/v1/health"] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text(), r#"{"status":"healthy","model_loaded":true}"#);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn is_live_without_a_model_and_ready_with_one() {
    for (api, status, ready) in [(Api::new(), 200, "ready"), (without_model(), 503, "not_ready")] {
        for prefix in ["", "/v1"] {
            let live = api.get(&format!("{prefix}/health/live")).await;
            assert_eq!((live.status, live.json()), (200, json!({"status": "live"})));
            let answer = api.get(&format!("{prefix}/health/ready")).await;
            assert_eq!((answer.status, &answer.json()["status"]), (status, &json!(ready)));
        }
    }
}

#[tokio::test]
async fn is_unhealthy_with_the_reason_while_none_is() {
    let api = without_model();
    for path in ["/health", "/v1/health"] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, 503);
        let reason = "iris.edge: the file is empty";
        assert_eq!(answer.json(), json!({"status": "unhealthy", "model_loaded": false, "reason": reason}));
        assert!(answer.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn what_needs_a_model_answers_503_with_the_reason_while_there_is_none() {
    let api = without_model();
    let answers = [
        api.get("/model/info").await,
        api.get("/v1/model/info").await,
        api.post("/predict", SETOSA).await,
        api.post("/predict/batch", format!("[{SETOSA}]")).await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 503);
        let error = answer.error();
        assert_eq!(error["code"], "model_unavailable");
        assert_eq!(error["message"], "no model is loaded: iris.edge: the file is empty");
    }
    assert_eq!(api.get("/nothing").await.status, 404);
    assert_eq!(api.get("/predict").await.status, 405);
}

#[tokio::test]
async fn tells_what_the_model_takes_and_gives() {
    let api = Api::new();
    let answer = api.get("/model/info").await;
    assert_eq!(answer.status, 200);
    let info = answer.json();
    assert_eq!(info["name"], "iris");
    assert_eq!(info["type"], "classifier");
    let mut features = json!(FEATURES.map(|name| json!({"name": name, "type": "float32"})));
    features[0]["range"] = json!([4.3, 7.9]);
    assert_eq!(info["features"], features);
    assert_eq!((&info["model"], &info["version"]), (&json!("iris"), &json!("1")));
    assert!(info["size_bytes"].as_u64().is_some_and(|size| size > 64));
    assert_eq!(info["labels"], json!(LABELS));
    assert_eq!(info["engine"], "linear");
    assert_eq!(api.get("/v1/model/info").await.json(), info);
}

#[tokio::test]
async fn tells_which_features_may_be_missing() {
    let api = Api::over(router(model_that_takes_missing_values()));
    let features = api.get("/model/info").await.json()["features"].clone();
    assert_eq!(features[2], json!({"name": FEATURES[2], "type": "float32"}));
    assert_eq!(features[3], json!({"name": FEATURES[3], "type": "float32", "missing": true}));
}
