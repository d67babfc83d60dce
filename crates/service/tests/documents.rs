//! The API's description of itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_service::http::Request;
use edgeinfer_service::{Config, FIRST_VERSION, Host, Registry, Source, api, router};
use serde_json::{Value, json};
use support::{Api, FEATURES, LABELS, model, model_of_tensors, model_of_two_classes, model_of_words};

fn several() -> Api {
    let mut registry = Registry::new(None);
    for (name, model) in [
        ("iris", model()),
        ("other", model_of_two_classes()),
        ("words", model_of_words()),
        ("tensors of mine", model_of_tensors()),
    ] {
        registry.add(name, FIRST_VERSION, Source::Model(model));
    }
    Api::over(api(registry, Config::default(), Host::default()))
}

/// Every `$ref` within `value`.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_schema_that_is_named_is_there() {
    let document = several().get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_operation_has_an_id_of_its_own_and_answers() {
    let api = several();
    let document = api.get("/openapi.json").await.json();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
            let path = path.replace("{model}", "iris").replace(' ', "%20");
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            let answer = match method.as_str() {
                "get" => api.get(&path).await,
                _ if example.is_null() => api.post(&path, "").await,
                _ => api.post(&path, example.to_string()).await,
            };
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_model_is_described_with_its_own_features_and_labels() {
    let document = several().get("/openapi.json").await.json();
    let schemas = &document["components"]["schemas"];
    let features = &schemas["iris.Features"]["oneOf"];
    assert_eq!((&features[0]["minItems"], &features[0]["maxItems"]), (&json!(4), &json!(4)));
    let named = &features[1];
    assert_eq!(named["required"].as_array().unwrap().len(), 4);
    assert_eq!(named["properties"][FEATURES[0]]["type"], "number");
    assert_eq!(named["additionalProperties"], false);
    assert_eq!(schemas["iris.Prediction"]["properties"]["label"]["anyOf"][0]["enum"], json!(LABELS));
    let options = |model: &str| {
        let properties = &schemas[format!("{model}.PredictRequest")]["properties"];
        ["top_k", "threshold"].map(|option| properties.get(option).is_some())
    };
    assert_eq!(options("iris"), [true, false]);
    assert_eq!(options("other"), [true, true]);
    assert_eq!(options("words"), [false, false]);
    let example =
        &document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"];
    assert_eq!(example["features"][FEATURES[0]], 6.1);
}

#[tokio::test]
async fn says_which_operations_ask_for_a_key_or_a_token() {
    let open = Api::new().get("/openapi.json").await.json();
    assert!(open.get("security").is_none());
    let schemes = &open["components"]["securitySchemes"];
    assert_eq!([&schemes["key"]["in"], &schemes["bearer"]["scheme"]], [&json!("header"), &json!("bearer")]);
    // Of `alpha`.
    let hash = "sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
    let keys = format!("keys = [{{ name = \"alpha\", hash = \"{hash}\" }}]");
    let config = Config::read(Some(&keys), []).unwrap();
    let api = Api::over(api(Registry::of(model()), config, Host::default()));
    assert_eq!(api.get("/openapi.json").await.status, 401);
    let request = Request::get("/openapi.json").header("authorization", "Bearer alpha");
    let document = api.send(request, "").await.json();
    assert_eq!(document["security"], json!([{"key": []}, {"bearer": []}]));
    assert_eq!(document["paths"]["/health"]["get"]["security"], json!([]));
    assert!(document["paths"]["/predict"]["post"].get("security").is_none());
}

#[tokio::test]
async fn is_there_without_a_model() {
    let reason = edgeinfer_core::Error::new(edgeinfer_core::ErrorKind::InvalidModel, "broken");
    let document = Api::over(router(Err(reason))).get("/openapi.json").await.json();
    assert!(document["paths"]["/health"].is_object());
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    let api = Api::new();
    for (path, content_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/redoc", "text/html; charset=utf-8"),
        ("/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/docs/docs.css", "text/css; charset=utf-8"),
    ] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'self'"));
        assert!(!answer.text().contains("http://") && !answer.text().contains("https://"), "{path}");
    }
}
