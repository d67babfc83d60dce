//! HTTP itself: request ids, methods, HEAD, bodies that arrive in pieces.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use axum::body::to_bytes;
use edgeinfer_service::http::{HeaderValue, Request};
use edgeinfer_service::{Body, REQUEST_ID, router};
use futures::stream;
use support::{Api, SETOSA, model};
use tower::ServiceExt as _;

async fn request_id(given: &[u8]) -> String {
    let value = HeaderValue::from_bytes(given).unwrap();
    let answer = Api::new().send(Request::get("/health").header(REQUEST_ID, value), "").await;
    assert_eq!(answer.headers.get_all(REQUEST_ID).iter().count(), 1);
    answer.header("x-request-id").unwrap().to_owned()
}

fn is_uuid_v4(id: &str) -> bool {
    let parts: Vec<_> = id.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && id.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'f'))
        && parts[2].starts_with('4')
        && parts[3].starts_with(['8', '9', 'a', 'b'])
}

#[tokio::test]
async fn takes_over_a_request_id_of_visible_ascii() {
    for id in ["a", "!~{}\"%", "0f8fad5b-d9cb-469f-a165-70867728950e", &"x".repeat(128)] {
        assert_eq!(request_id(id.as_bytes()).await, id);
    }
}

#[tokio::test]
async fn makes_a_uuid_in_place_of_any_other() {
    for id in [&b""[..], b"a b", b"a\tb", "\u{fc}".as_bytes(), "x".repeat(129).as_bytes()] {
        assert!(is_uuid_v4(&request_id(id).await));
    }
}

#[tokio::test]
async fn makes_a_new_request_id_for_each_request_without_one() {
    let api = Api::new();
    let (first, second) = (api.post("/predict", SETOSA).await, api.post("/predict", SETOSA).await);
    assert!(is_uuid_v4(first.header("x-request-id").unwrap()));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn every_failure_names_the_request() {
    let api = Api::new();
    for (method, path) in [("GET", "/nothing"), ("GET", "/predict"), ("POST", "/predict")] {
        let request = Request::builder().method(method).uri(path).header(REQUEST_ID, "id-1");
        let answer = api.send(request, "").await;
        assert!(answer.status >= 400);
        assert_eq!(answer.error()["request_id"], "id-1");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let api = Api::new();
    for (path, wrong, allow) in [
        ("/predict", "GET", "POST"),
        ("/predict/batch", "DELETE", "POST"),
        ("/health", "POST", "GET,HEAD"),
        ("/model/info", "OPTIONS", "GET,HEAD"),
        ("/v1/predict", "OPTIONS", "POST"),
    ] {
        let answer = api.send(Request::builder().method(wrong).uri(path), "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{wrong} {path}");
        assert_eq!(answer.error()["code"], "method_not_allowed");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let api = Api::new();
    for path in ["/health", "/model/info", "/nothing"] {
        let get = api.send(Request::get(path).header(REQUEST_ID, "a"), "").await;
        let head = api.send(Request::head(path).header(REQUEST_ID, "a"), "").await;
        assert_eq!((head.status, &head.headers), (get.status, &get.headers), "{path}");
        assert!(head.body.is_empty());
    }
    let head = api.send(Request::head("/predict"), "").await;
    assert_eq!((head.status, head.header("allow")), (405, Some("POST")));
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn an_answer_announces_its_length() {
    let api = Api::new();
    for answer in [api.post("/predict", SETOSA).await, api.get("/nothing").await] {
        assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    }
}

async fn predict_from(pieces: &[Result<&'static str, &'static str>]) -> (u16, String) {
    let body = Body::from_stream(stream::iter(pieces.to_vec()));
    let request = Request::post("/predict").header("content-type", "application/json").body(body);
    let response = router(model()).oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn takes_a_body_in_pieces_and_of_unknown_length() {
    let (status, body) = predict_from(&[Ok(r#"{"features":[5.1,"#), Ok("3.5,1.4"), Ok(",0.2]}")]).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_body_in_pieces_is_counted_as_it_comes() {
    const MIB: &str = match str::from_utf8(&[b' '; 1 << 20]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let (status, body) = predict_from(&[Ok(MIB), Ok(MIB), Ok(MIB), Ok(MIB), Ok(" ")]).await;
    assert_eq!(status, 413);
    assert!(body.contains("payload_too_large"), "{body}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let (status, body) = predict_from(&[Ok(r#"{"features":"#), Err("connection reset")]).await;
    assert_eq!(status, 400);
    assert!(body.contains("malformed_request") && body.contains("connection reset"), "{body}");
}
