//! Wrong requests: each of `tests/bad-requests.json`, the table that the real
//! server is tested with too, and arbitrary bytes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use edgeinfer_core::ErrorKind;
use edgeinfer_service::http::Request;
use proptest::prelude::*;
use serde::Deserialize;
use support::{Api, FEATURES, SETOSA};

const TABLE: &str = include_str!("../../../tests/bad-requests.json");

/// A wrong request and the error that it gets. `field` is the error's, which
/// has none where there is none here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_base64: Option<String>,
    body_repeat: Option<Repeat>,
    status: u16,
    code: String,
    message_contains: String,
    field: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    text: String,
    count: usize,
}

impl Case {
    fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_base64, &self.body_repeat) {
            (Some(body), None, None) => body.clone().into_bytes(),
            (None, Some(body), None) => BASE64_STANDARD.decode(body).unwrap(),
            (None, None, Some(Repeat { text, count })) => text.repeat(*count).into_bytes(),
            (None, None, None) => Vec::new(),
            _ => panic!("{}: more than one body", self.name),
        }
    }

    /// What is wrong with the API's answer under `prefix`.
    async fn check(&self, api: &Api, prefix: &str) -> Result<(), String> {
        let mut request =
            Request::builder().method(self.method.as_str()).uri(format!("{prefix}{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = api.send(request, self.body()).await;
        let error = answer.error();
        let fits = answer.status == self.status
            && error["code"] == self.code.as_str()
            && error["message"].as_str().unwrap().contains(&self.message_contains)
            && error.get("field").map(|field| field.as_str().unwrap()) == self.field.as_deref()
            && answer.body.len() < 1000;
        if fits { Ok(()) } else { Err(format!("{prefix} {}: {} {error}", self.name, answer.status)) }
    }
}

#[tokio::test]
async fn every_wrong_request_of_the_table_gets_its_error_and_changes_nothing() {
    let cases: Vec<Case> = serde_json::from_str(TABLE).unwrap();
    let api = Api::new();
    let before = api.post("/predict", SETOSA).await;
    let mut failures = Vec::new();
    for case in &cases {
        for prefix in ["", "/v1"] {
            failures.extend(case.check(&api, prefix).await.err());
        }
        let after = api.post("/predict", SETOSA).await;
        assert_eq!((after.status, &after.body), (200, &before.body), "after {}", case.name);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_table_has_a_request_for_every_error_that_a_request_can_cause() {
    // What takes a model, an engine or a host that fails, or a configuration, is tested where such a one is.
    let elsewhere = [
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::RateLimited,
        ErrorKind::InvalidTensor,
        ErrorKind::InvalidModel,
        ErrorKind::UnsupportedVersion,
        ErrorKind::UnsupportedModel,
        ErrorKind::ModelUnavailable,
        ErrorKind::InferenceFailed,
        ErrorKind::Timeout,
        ErrorKind::Internal,
    ];
    let cases: Vec<Case> = serde_json::from_str(TABLE).unwrap();
    for kind in ErrorKind::ALL.into_iter().filter(|kind| !elsewhere.contains(kind)) {
        assert!(cases.iter().any(|case| case.code == kind.code()), "no case for {}", kind.code());
    }
}

/// JSON that is near to a request, so that arbitrary bodies get past the parser.
fn near_request() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"x\"".to_owned()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        any::<i64>().prop_map(|number| number.to_string()),
        Just(SETOSA.to_owned()),
        Just("[5.1,3.5,1.4,0.2]".to_owned()),
    ];
    let name = prop_oneof![
        Just("features"),
        Just("instances"),
        Just("feature"),
        prop::sample::select(&FEATURES[..]),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// A body that is answered with 200 or with a 4xx error; anything else fails.
fn answers(path: &str, body: Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(Api::new().post(path, body));
    match answer.status {
        200 => assert!(answer.json().is_object()),
        status => {
            assert!((400..500).contains(&status), "{status}: {}", answer.text());
            answer.error();
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        answers("/predict", body.clone());
        answers("/predict/batch", body);
    }

    #[test]
    fn any_json_near_a_request_is_answered_or_refused(body in near_request()) {
        answers("/predict", body.clone().into_bytes());
        answers("/predict/batch", body.into_bytes());
    }
}
