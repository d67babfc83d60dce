//! What the API predicts, and in which forms it takes rows.

mod support;

use edgeinfer_service::{Config, Host, Limits, Registry, Router, api, router};
use serde_json::json;
use support::{
    Api, FEATURES, SETOSA, model, model_of_tensors, model_of_words, model_that_takes_missing_values,
};

#[tokio::test]
async fn predicts_the_class_of_a_row() {
    let answer = Api::new().post("/predict", SETOSA).await;
    assert_eq!(answer.status, 200);
    let prediction = answer.json();
    assert_eq!(prediction["prediction"], 0);
    assert_eq!(prediction["label"], "setosa");
    assert_eq!(prediction["confidence"], prediction["probabilities"][0]);
    let probabilities = prediction["probabilities"].as_array().unwrap();
    let total: f64 = probabilities.iter().map(|p| p.as_f64().unwrap()).sum();
    assert!(probabilities.len() == 3 && (total - 1.0).abs() < 1e-6);
}

#[tokio::test]
async fn takes_features_by_name_in_any_order() {
    let api = Api::new();
    let by_name = json!({"features": {
        FEATURES[3]: 0.2, FEATURES[1]: 3.5, FEATURES[0]: 5.1, FEATURES[2]: 1.4,
    }});
    let positional = api.post("/predict", SETOSA).await;
    assert_eq!(api.post("/predict", by_name.to_string()).await.text(), positional.text());
}

#[tokio::test]
async fn takes_whole_numbers_and_numbers_with_exponents() {
    let api = Api::new();
    let expected = api.post("/predict", r#"{"features":[5.0,3.0,1.0,0.25]}"#).await;
    let answer = api.post("/predict", " {\"features\" :\n[5, 30e-1, 1E0, 2.5e-1]} ").await;
    assert_eq!((answer.status, answer.text()), (200, expected.text()));
}

#[tokio::test]
async fn takes_every_json_media_type_in_utf_8() {
    let api = Api::new();
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json; version=1",
        "application/problem+json",
        "application/vnd.api+json; charset=utf-8",
    ] {
        let request = http_post("/predict").header("content-type", media_type);
        assert_eq!(api.send(request, SETOSA).await.status, 200, "{media_type}");
    }
    let request = http_post("/predict").header("content-type", "application/json");
    let request = request.header("content-encoding", "identity");
    assert_eq!(api.send(request, SETOSA).await.status, 200);
}

fn http_post(path: &str) -> edgeinfer_service::http::request::Builder {
    edgeinfer_service::http::Request::post(path)
}

#[tokio::test]
async fn predicts_a_batch_in_the_order_of_its_rows() {
    let api = Api::new();
    let rows = [[6.7, 3.1, 5.6, 2.4], [5.1, 3.5, 1.4, 0.2], [5.9, 2.8, 4.2, 1.3]];
    let batch = json!(rows.map(|row| json!({"features": row})));
    let answer = api.post("/predict/batch", batch.to_string()).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!(answer["count"], 3);
    assert_eq!(answer["predictions"].as_array().unwrap().len(), 3);
    for (row, prediction) in rows.iter().zip(answer["predictions"].as_array().unwrap()) {
        let single = api.post("/predict", json!({"features": row}).to_string()).await;
        assert_eq!(*prediction, single.json());
    }
    let labels = [0, 1, 2].map(|row| answer["predictions"][row]["label"].as_str().unwrap().to_owned());
    assert_eq!(labels, ["virginica", "setosa", "versicolor"]);
}

#[tokio::test]
async fn takes_each_row_of_a_batch_in_each_form() {
    let api = Api::new();
    let values = json!([5.1, 3.5, 1.4, 0.2]);
    let named = json!({FEATURES[0]: 5.1, FEATURES[1]: 3.5, FEATURES[2]: 1.4, FEATURES[3]: 0.2});
    let rows = json!([{"features": values}, {"features": named}, values, named]);
    let expected = api.post("/predict", SETOSA).await.json();
    for body in [rows.clone(), json!({"instances": rows})] {
        let answer = api.post("/predict/batch", body.to_string()).await.json();
        assert_eq!(answer, json!({"predictions": vec![&expected; 4], "count": 4}));
    }
}

#[tokio::test]
async fn answers_under_v1_as_without_it() {
    let api = Api::new();
    for (path, body) in [("/predict", SETOSA.to_owned()), ("/predict/batch", format!("[{SETOSA}]"))] {
        let plain = api.post(path, body.clone()).await;
        let versioned = api.post(&format!("/v1{path}"), body).await;
        assert_eq!((plain.status, plain.body), (200, versioned.body));
    }
}

#[tokio::test]
async fn takes_null_for_a_value_that_may_be_missing() {
    let api = Api::over(router(model_that_takes_missing_values()));
    let expected = api.post("/predict", SETOSA).await.json();
    let values = json!([5.1, 3.5, 1.4, null]);
    let named = json!({FEATURES[0]: 5.1, FEATURES[1]: 3.5, FEATURES[2]: 1.4, FEATURES[3]: null});
    for row in [&values, &named] {
        let answer = api.post("/predict", json!({"features": row}).to_string()).await;
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
    }
    let rows = json!([{"features": values}, values, named]);
    let answer = api.post("/predict/batch", rows.to_string()).await.json();
    assert_eq!(answer, json!({"predictions": vec![&expected; 3], "count": 3}));
}

#[tokio::test]
async fn a_name_that_is_absent_is_no_missing_value() {
    let api = Api::over(router(model_that_takes_missing_values()));
    let named = json!({FEATURES[0]: 5.1, FEATURES[1]: 3.5, FEATURES[2]: 1.4});
    let answer = api.post("/predict", json!({"features": named}).to_string()).await;
    let error = answer.error();
    assert_eq!((answer.status, &error["code"]), (422, &json!("missing_feature")));
    let name = FEATURES[3];
    assert_eq!(error["message"], format!("missing {name:?}; give null for {name:?} where there is no value"));
}

#[tokio::test]
async fn takes_an_object_as_the_map_that_a_model_asks_for() {
    let api = Api::over(router(model_of_words()));
    let answer = api.post("/predict", r#"{"features": {"red": 1, "blue": 0.5}}"#).await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"prediction":1.5}"#));
    let rows = r#"[{"features": {"red": 2}}, {"blue": 0.5}, {}]"#;
    let answer = api.post("/predict/batch", rows).await.json();
    let predictions = json!([{"prediction": 2.0}, {"prediction": 0.5}, {"prediction": 0.0}]);
    assert_eq!(answer, json!({"predictions": predictions, "count": 3}));
    let answer = api.post("/predict/batch", r#"{"instances": [{"red": 1}, [1]]}"#).await;
    let error = answer.error();
    assert_eq!((answer.status, &error["code"]), (422, &json!("invalid_request")));
    assert_eq!(error["field"], "instances[1].features");
    assert_eq!(
        error["message"],
        "this model has no order of features; give an object by feature name, not an array"
    );
}

fn limited(limits: Limits) -> Router {
    api(Registry::of(model()), Config { limits, ..Config::default() }, Host::default())
}

#[tokio::test]
async fn a_batch_over_the_limit_of_rows_is_refused() {
    let limits = Limits { batch_rows: 2, ..Limits::default() };
    let api = Api::over(limited(limits));
    assert_eq!(api.post("/predict/batch", format!("[{SETOSA},{SETOSA}]")).await.status, 200);
    let answer = api.post("/predict/batch", format!("[{SETOSA},{SETOSA},{SETOSA}]")).await;
    assert_eq!(answer.status, 413);
    assert_eq!(
        answer.error()["message"],
        "the batch has 3 rows, the limit is 2; split it into several requests"
    );
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken_and_one_byte_more_is_not() {
    let limits = Limits { body_bytes: SETOSA.len(), ..Limits::default() };
    let api = Api::over(limited(limits));
    assert_eq!(api.post("/predict", SETOSA).await.status, 200);
    assert_eq!(api.post("/predict", format!("{SETOSA} ")).await.status, 413);
}

#[tokio::test]
async fn a_failing_engine_is_a_500_that_names_the_node() {
    let api = Api::new();
    let answer = api.post("/predict/batch", r#"{"instances":[[-1,0,0,0]]}"#).await;
    assert_eq!(answer.status, 500);
    let error = answer.error();
    assert_eq!(error["code"], "inference_failed");
    assert_eq!(error["message"], "the length is negative");
    assert_eq!(error["field"], "Gemm_0");
    assert_eq!(api.post("/predict", SETOSA).await.status, 200);
}

#[tokio::test]
async fn a_model_of_tensors_is_a_501_that_says_so() {
    let api = Api::over(router(model_of_tensors()));
    let answer = api.post("/predict", SETOSA).await;
    assert_eq!(answer.status, 501);
    assert_eq!(answer.error()["code"], "unsupported_model");
    assert_eq!(api.get("/model/info").await.json()["type"], "tensors");
}
