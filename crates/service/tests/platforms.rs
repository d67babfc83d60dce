//! The paths and bodies of managed platforms.
#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_core::ElementType;
use edgeinfer_service::http::Request;
use edgeinfer_service::{Config, Host, Registry, api};
use serde_json::{Value, json};
use support::{Api, FEATURES, SETOSA, model, model_that_echoes};

async fn setosa(api: &Api) -> Value {
    api.post("/predict", SETOSA).await.json()
}

#[tokio::test]
async fn takes_rows_in_every_form_that_platforms_send() {
    let api = Api::new();
    let row = json!([5.1, 3.5, 1.4, 0.2]);
    let named: Value = json!({FEATURES[0]: 5.1, FEATURES[1]: 3.5, FEATURES[2]: 1.4, FEATURES[3]: 0.2});
    let expected = json!({"predictions": [setosa(&api).await]});
    for body in [
        json!([row]),
        json!({"instances": [row]}),
        json!({"instances": [named]}),
        json!({"inputs": [row]}),
        json!({"data": [row]}),
        json!({"input_data": [row]}),
        json!({"input_data": {"columns": FEATURES, "index": [0], "data": [row]}}),
        json!({"dataframe_split": {"columns": FEATURES, "data": [row]}}),
        json!({"dataframe_records": [named]}),
        json!({"features": row}),
        json!({"instances": [row], "parameters": {}}),
    ] {
        for path in ["/invocations", "/score"] {
            let answer = api.post(path, body.to_string()).await;
            assert_eq!((answer.status, answer.json()), (200, expected.clone()), "{path} {body}");
        }
    }
}

#[tokio::test]
async fn takes_options_as_parameters_and_refuses_what_it_does_not_know() {
    let api = Api::new();
    let body = json!({"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": {"top_k": 1}});
    let answer = api.post("/invocations", body.to_string()).await.json();
    assert_eq!(answer["predictions"][0]["top_k"][0]["label"], "setosa");
    for (body, message) in [
        (json!({"rows": []}), "unknown field `rows`"),
        (json!({"instances": 5}), "expected an array of rows, got 5"),
        (json!({"dataframe_split": {"columns": [1], "data": []}}), "expected a name, got 1"),
        (json!({"dataframe_split": {"columns": ["a"]}}), "the field `data` is missing"),
        (
            json!({"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}),
            "expected a value for each of 1 columns, got 2",
        ),
        (json!({"instances": [], "data": []}), "the field `instances` is given twice"),
    ] {
        let answer = api.post("/invocations", body.to_string()).await;
        assert_eq!(answer.status, 422);
        let error = answer.error();
        assert!(error["message"].as_str().is_some_and(|got| got.contains(message)), "{body} {error}");
    }
}

#[tokio::test]
async fn sagemaker_sends_csv_and_gets_it_back() {
    let api = Api::new();
    assert_eq!(api.get("/ping").await.status, 200);
    let csv = Request::post("/invocations").header("content-type", "text/csv");
    let answer = api.send(csv, "5.1,3.5,1.4,0.2\n6.7,3.1,5.6,2.4\n").await;
    let lines: Vec<_> =
        answer.text().lines().map(|line| line.rsplit_once(',').map(|(start, _)| start)).collect();
    assert_eq!(lines, [Some("0,setosa"), Some("2,virginica")]);
    let csv =
        Request::post("/invocations").header("content-type", "text/csv").header("accept", "application/json");
    let answer = api.send(csv, "5.1,3.5,1.4,0.2\n").await;
    assert_eq!(answer.json(), json!({"predictions": [setosa(&api).await]}));
}

#[tokio::test]
async fn vertex_chooses_its_own_paths() {
    let config = Config {
        health_route: Some("/v1/endpoints/7/deployedModels/8".to_owned()),
        predict_route: Some("/v1/endpoints/7/deployedModels/8:predict".to_owned()),
        ..Config::default()
    };
    let api = Api::over(api(Registry::of(model()), config, Host::default()));
    assert_eq!(api.get("/v1/endpoints/7/deployedModels/8").await.status, 200);
    let body = json!({"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": {"top_k": 1}});
    let answer = api.post("/v1/endpoints/7/deployedModels/8:predict", body.to_string()).await.json();
    assert_eq!(answer["predictions"][0]["label"], "setosa");
    assert_eq!(api.get("/v1/endpoints/7/deployedModels/8:predict").await.status, 404);
}

#[tokio::test]
async fn tensorflow_serving_asks_for_rows() {
    let api = Api::new();
    let body = json!({"signature_name": "serving_default", "instances": [[5.1, 3.5, 1.4, 0.2]]}).to_string();
    for path in ["/v1/models/iris:predict", "/v1/models/iris/versions/1:predict"] {
        let answer = api.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"predictions": [setosa(&api).await]})));
    }
    for (path, message) in [
        ("/v1/models/rose:predict", "there is no model `rose`; there is `iris`"),
        ("/v1/models/iris:classify", "a model cannot `classify`; it can `predict`"),
    ] {
        let answer = api.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.json()), (404, json!({"error": message})));
    }
    for path in ["/v1/models/iris:predict", "/v1/models/iris/versions/1:predict"] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    }
    let metadata = api.get("/v1/models/iris/metadata").await.json();
    assert_eq!(metadata["model_spec"]["name"], "iris");
    let input = &metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]["inputs"]["X"];
    assert_eq!(
        (&input["dtype"], &input["tensor_shape"]["dim"][0]["size"]),
        (&json!("DT_FLOAT"), &json!("-1"))
    );
}

#[tokio::test]
async fn tensorflow_serving_asks_a_model_of_tensors_by_row_and_by_column() {
    let registry = Registry::of(model_that_echoes(ElementType::Float32));
    let api = Api::over(api(registry, Config::default(), Host::default()));
    let rows = json!([[1.0, 2.5], [3.0, 4.0], [5.0, 6.0]]);
    for (body, expected) in [
        (json!({"instances": rows}), json!({"predictions": rows})),
        (
            json!({"instances": [{"in": [1.0, 2.5]}, {"in": [3.0, 4.0]}]}),
            json!({"predictions": [rows[0], rows[1]]}),
        ),
        (json!({"inputs": rows}), json!({"outputs": rows})),
        (json!({"inputs": {"in": rows}}), json!({"outputs": rows})),
    ] {
        let answer = api.post("/v1/models/iris:predict", body.to_string()).await;
        assert_eq!((answer.status, answer.json()), (200, expected), "{body}");
    }
    for (body, message) in [
        (
            json!({"instances": [{"in": [1, 2]}, {"in": [1]}]}),
            "inputs[\"in\"]: rows side by side have shapes [2] and [1]",
        ),
        (json!({"instances": [], "inputs": []}), "expected one of the fields `instances` and `inputs`"),
        (json!({"inputs": {"out": [[1, 2]]}}), "inputs[\"out\"]: the model has no such input; it has \"in\""),
        (json!({"inputs": 5}), "inputs[\"in\"]: expected shape [N, 2], got []"),
    ] {
        let answer = api.post("/v1/models/iris:predict", body.to_string()).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
    }
}
