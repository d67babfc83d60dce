//! What a request may ask for beside the prediction: `threshold`, `top_k`,
//! `partial`.
#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_service::router;
use serde_json::{Value, json};
use support::{Api, SETOSA, model_of_two_classes, model_of_words};

const VERSICOLOR: [f64; 4] = [5.9, 2.8, 4.2, 1.3];

async fn refused(api: &Api, path: &str, body: Value) -> (u16, Value) {
    let answer = api.post(path, body.to_string()).await;
    (answer.status, answer.error())
}

#[tokio::test]
async fn top_k_lists_the_most_probable_classes_first() {
    let api = Api::new();
    let plain = api.post("/predict", json!({"features": VERSICOLOR}).to_string()).await.json();
    let mut answer =
        api.post("/predict", json!({"features": VERSICOLOR, "top_k": 2}).to_string()).await.json();
    let best = answer["top_k"].take();
    let probabilities = &plain["probabilities"];
    assert_eq!(
        best,
        json!([
            {"prediction": 1, "label": "versicolor", "probability": probabilities[1]},
            {"prediction": 2, "label": "virginica", "probability": probabilities[2]},
        ])
    );
    answer.as_object_mut().map(|answer| answer.remove("top_k"));
    assert_eq!(answer, plain);
    let all = json!({"instances": [VERSICOLOR], "top_k": 99});
    let answer = api.post("/predict/batch", all.to_string()).await.json();
    assert_eq!(answer["predictions"][0]["top_k"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_threshold_decides_between_two_classes() {
    let api = Api::over(router(model_of_two_classes()));
    let features = [5.1, 3.3, 2.6, 0.7];
    let plain = api.post("/predict", json!({"features": features}).to_string()).await.json();
    let other = plain["probabilities"][1].as_f64().unwrap_or_default();
    assert!(other > 0.01 && other < 0.99, "{plain}");
    for (threshold, class, label, index) in
        [(0.0, "yes", "other", 1), (other, "yes", "other", 1), (1.0, "no", "setosa", 0)]
    {
        let body = json!({"features": features, "threshold": threshold});
        let answer = api.post("/predict", body.to_string()).await.json();
        assert_eq!((&answer["prediction"], &answer["label"]), (&json!(class), &json!(label)), "{threshold}");
        assert_eq!(answer["confidence"], plain["probabilities"][index]);
        assert_eq!(answer["probabilities"], plain["probabilities"]);
        assert_eq!(answer["threshold"], json!(threshold));
    }
}

#[tokio::test]
async fn options_that_the_model_has_no_use_for_are_refused() {
    let body = json!({"features": [5.1, 3.5, 1.4, 0.2], "threshold": 0.5});
    let (status, error) = refused(&Api::new(), "/predict", body).await;
    assert_eq!(
        (status, &error["code"], &error["field"]),
        (422, &json!("invalid_request"), &json!("threshold"))
    );
    assert_eq!(
        error["message"],
        "expected a classifier of two classes with probabilities, this is one of 3 classes"
    );
    let words = Api::over(router(model_of_words()));
    let (status, error) = refused(&words, "/predict", json!({"features": {"a": 1}, "top_k": 1})).await;
    assert_eq!((status, &error["field"]), (422, &json!("top_k")));
    assert_eq!(error["message"], "expected a classifier with probabilities, this is a regressor");
}

#[tokio::test]
async fn options_of_another_form_are_refused() {
    let api = Api::new();
    for (option, value, message) in [
        ("threshold", json!(1.1), "expected a number from 0 to 1, got 1.1"),
        ("threshold", json!("half"), "expected a number from 0 to 1, got the string \"half\""),
        ("top_k", json!(0), "expected a whole number from 1 to 1000, got 0"),
        ("top_k", json!(1.5), "expected a whole number from 1 to 1000, got 1.5"),
        ("partial", json!(1), "expected true or false, got 1"),
    ] {
        let body = json!({"instances": [[5.1, 3.5, 1.4, 0.2]], option: value});
        let (status, error) = refused(&api, "/predict/batch", body).await;
        assert_eq!((status, &error["field"], &error["message"]), (422, &json!(option), &json!(message)));
    }
    let body = json!({"features": [5.1, 3.5, 1.4, 0.2], "topk": 1});
    let (_, error) = refused(&api, "/predict", body).await;
    assert!(error["message"].as_str().is_some_and(|message| message.contains("did you mean `top_k`?")));
    let twice = api.post("/predict", r#"{"top_k":1,"features":[5.1,3.5,1.4,0.2],"top_k":1}"#).await.error();
    assert_eq!(twice["message"], "the field `top_k` is given twice");
}

#[tokio::test]
async fn a_partial_batch_tells_of_each_row_in_its_place() {
    let api = Api::new();
    let good = api.post("/predict", SETOSA).await.json();
    let rows = json!([
        [5.1, 3.5, 1.4, 0.2],
        [5.1, 3.5, 1.4],
        [-1, 0, 0, 0],
        {"features": [5.1, 3.5, 1.4, 0.2]},
        {"features": 5},
    ]);
    for body in [json!({"partial": true, "instances": rows}), json!({"instances": rows, "partial": true})] {
        let answer = api.post("/predict/batch", body.to_string()).await;
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        let predictions = &answer["predictions"];
        assert_eq!((&answer["count"], &answer["errors"]), (&json!(5), &json!(3)));
        assert_eq!((&predictions[0], &predictions[3]), (&good, &good));
        let codes = [1, 2, 4].map(|row| predictions[row]["error"]["code"].clone());
        assert_eq!(codes, [json!("feature_count"), json!("inference_failed"), json!("invalid_request")]);
        assert_eq!(predictions[4]["error"]["field"], "features");
    }
    let body = json!({"instances": rows, "partial": false});
    let (status, error) = refused(&api, "/predict/batch", body).await;
    assert_eq!((status, &error["field"]), (422, &json!("instances[4].features")));
    let (status, error) = refused(&api, "/predict/batch", json!({"instances": [], "partial": true})).await;
    assert_eq!((status, &error["code"]), (422, &json!("empty_batch")));
}

#[tokio::test]
async fn a_whole_number_is_one_however_it_is_written() {
    let body = r#"{"features": [5.1, 3.5, 1.4, 0.2], "top_k": 2.0}"#;
    let answer = Api::new().post("/predict", body).await.json();
    assert_eq!(answer["top_k"].as_array().map(Vec::len), Some(2));
}
