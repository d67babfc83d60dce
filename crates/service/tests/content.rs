//! Bodies in other forms than JSON, and answers in the form that a client wants.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_service::http::Request;
use edgeinfer_service::router;
use serde_json::json;
use support::{Answer, Api, SETOSA, model_of_words, model_that_takes_missing_values};

const ROWS: &str = "5.1,3.5,1.4,0.2\n6.7,3.1,5.6,2.4\n";

async fn post(api: &Api, path: &str, content_type: &str, accept: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = Request::post(path).header("content-type", content_type).header("accept", accept);
    api.send(request, body.into()).await
}

#[tokio::test]
async fn takes_rows_as_csv_with_and_without_names() {
    let api = Api::new();
    let expected = api.post("/predict/batch", "[[5.1,3.5,1.4,0.2],[6.7,3.1,5.6,2.4]]").await.json();
    let names = "petal width (cm),petal length (cm),sepal length (cm),sepal width (cm)\n0.2,1.4,5.1,3.5\n2.4,5.6,6.7,3.1";
    for body in [ROWS, "5.1, 3.5 ,1.4,0.2\r\n\"6.7\",3.1,5.6,2.4", names] {
        let answer = post(&api, "/predict/batch", "text/csv", "*/*", body).await;
        assert_eq!(answer.json(), expected, "{body}");
    }
}

#[tokio::test]
async fn an_empty_field_of_csv_is_a_missing_value() {
    let api = Api::over(router(model_that_takes_missing_values()));
    let answer = post(&api, "/predict/batch", "text/csv", "*/*", "5.1,3.5,1.4,\n").await;
    assert_eq!(answer.json()["predictions"][0]["label"], "setosa");
    let answer = post(&Api::new(), "/predict/batch", "text/csv", "*/*", "5.1,3.5,,0.2\n").await;
    assert_eq!((answer.status, &answer.error()["code"]), (422, &json!("feature_type")));
}

#[tokio::test]
async fn what_is_wrong_with_csv_is_told_with_its_place() {
    let api = Api::new();
    for (body, status, code, field) in [
        ("5.1,3.5,1.4\n", 422, "feature_count", Some("[0]")),
        ("5.1,3.5,1.4,x\n", 422, "feature_type", Some("[0][3]")),
        ("", 422, "empty_batch", None),
    ] {
        let answer = post(&api, "/predict/batch", "text/csv", "*/*", body).await;
        let error = answer.error();
        assert_eq!((answer.status, &error["code"]), (status, &json!(code)), "{body} {error}");
        if let Some(field) = field {
            assert!(error["field"].as_str().unwrap().starts_with(&field[..3]), "{error}");
        }
    }
    let answer = post(&api, "/predict/batch", "text/csv", "*/*", vec![0xff, b'\n']).await;
    assert_eq!((answer.status, &answer.error()["code"]), (400, &json!("malformed_request")));
}

#[tokio::test]
async fn gives_predictions_as_csv_where_that_is_wanted() {
    let api = Api::new();
    let batch = format!("[{SETOSA}]");
    let answer = post(&api, "/predict/batch", "application/json", "text/csv", batch.clone()).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let probability = api.post("/predict", SETOSA).await.json()["confidence"].to_string();
    assert_eq!(answer.text(), format!("prediction,label,confidence\n0,setosa,{probability}\n"));
    let words = Api::over(router(model_of_words()));
    let answer = post(&words, "/predict/batch", "application/json", "text/csv", r#"[{"a": 1.5}]"#).await;
    assert_eq!(answer.text(), "prediction\n1.5\n");
    let answer = post(&api, "/predict/batch", "application/json", "image/png", batch).await;
    assert_eq!((answer.status, &answer.error()["code"]), (406, &json!("not_acceptable")));
}

/// `[[5.1, 3.5, 1.4, 0.2]]` as numpy.save writes it.
fn npy() -> Vec<u8> {
    let mut header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 4), }".to_owned();
    header.extend(std::iter::repeat_n(' ', 117 - header.len()));
    header.push('\n');
    let mut file = [b"\x93NUMPY\x01\x00v\x00", header.as_bytes()].concat();
    assert_eq!(file.len(), 128);
    file.extend([5.1f64, 3.5, 1.4, 0.2].iter().flat_map(|value| value.to_le_bytes()));
    file
}

#[tokio::test]
async fn takes_rows_as_a_numpy_array() {
    let api = Api::new();
    let expected = api.post("/predict/batch", format!("[{SETOSA}]")).await.json();
    assert_eq!(post(&api, "/predict/batch", "application/x-npy", "*/*", npy()).await.json(), expected);
    let answer = post(&api, "/predict/batch", "application/x-npy", "*/*", "PK").await;
    assert_eq!((answer.status, &answer.error()["code"]), (400, &json!("malformed_request")));
}

#[tokio::test]
async fn takes_and_gives_one_tensor_as_a_numpy_array_or_bytes() {
    let api = Api::new();
    let bytes: Vec<u8> = [5.1f32, 3.5, 1.4, 0.2].iter().flat_map(|value| value.to_le_bytes()).collect();
    let path = "/v2/models/iris/infer";
    let answer = post(&api, path, "application/octet-stream", "*/*", bytes.clone()).await;
    assert_eq!(answer.json()["outputs"][0]["data"], json!([0]));
    // As tritonclient's asyncio client sends JSON.
    let json =
        json!({"inputs": [{"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}]});
    let answer = post(&api, path, "application/octet-stream", "*/*", json.to_string()).await;
    assert_eq!(answer.json()["outputs"][0]["data"], json!([0]));
    let answer = post(&api, path, "application/octet-stream", "application/x-npy", bytes).await;
    assert_eq!(answer.header("content-type"), Some("application/x-npy"));
    assert!(answer.body.starts_with(b"\x93NUMPY\x01\x00"));
    assert_eq!(answer.body[128..], 0i64.to_le_bytes());
    // NumPy's own numbers are float64, which this model does not take.
    let answer = post(&api, path, "application/x-npy", "*/*", npy()).await;
    assert_eq!(answer.json()["error"], "inputs[\"X\"]: expected float32 elements, got float64");
}

#[tokio::test]
async fn gives_problem_details_where_they_are_asked_for() {
    let api = Api::new();
    for path in ["/predict", "/v2/models/iris/infer"] {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("x-request-id", "r-1")
            .header("accept", "application/problem+json, */*");
        let answer = api.send(request, "{").await;
        assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/problem+json")));
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((&problem["title"], &problem["status"]), (&json!("Bad Request"), &json!(400)));
        assert_eq!((&problem["code"], &problem["request_id"]), (&json!("malformed_request"), &json!("r-1")));
        assert!(problem["detail"].as_str().unwrap().contains("not JSON"));
    }
}
