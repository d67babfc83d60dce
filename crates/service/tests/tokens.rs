//! Bearer tokens, good and hostile, that PyJWT signed (`scripts/make-tokens.py`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::time::Duration;

use edgeinfer_service::http::Request;
use edgeinfer_service::http::request::Builder;
use edgeinfer_service::{Clock, Config, Host, Peer, Registry, api};
use serde_json::{Value as Json, json};
use support::{Answer, Api, SETOSA, model};

fn fixture() -> Json {
    serde_json::from_str(include_str!("../../../tests/tokens.json")).unwrap()
}

/// Beside tokens, the key `alpha`, and `a.b.c`, which looks like a token.
const KEYS: &str = r#"
keys = [
  { name = "alpha", hash = "sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8" },
  { name = "dots", hash = "sha256:845e30448809e2bc8958eb025bfc795235d13b077a53d0c3abbd2385170dc9b8" },
]
"#;

fn clock() -> Clock {
    // What `now` is in the fixture.
    let now = || Duration::from_secs(1_800_000_000);
    Clock { monotonic: now, unix: now }
}

/// The API with `more` in `[jwt]`, and with the key.
fn over(more: &str, clock: Option<Clock>) -> Api {
    let fixture = fixture();
    let (issuer, audience) = (&fixture["issuer"], &fixture["audience"]);
    let text =
        format!("{KEYS}\n[jwt]\njwks_file = \"jwks.json\"\nissuer = {issuer}\naudience = {audience}\n{more}");
    let mut config = Config::read(Some(&text), []).unwrap();
    assert_eq!(config.jwks_file(), Some("jwks.json"));
    config.set_jwks(&fixture["jwks"].to_string()).unwrap();
    Api::over(api(Registry::of(model()), config, Host { clock, ..Host::default() }))
}

async fn predict(api: &Api, token: &str) -> Answer {
    let request = Request::post("/predict").header("content-type", "application/json");
    api.send(bearer(request, token), SETOSA).await
}

fn bearer(request: Builder, token: &str) -> Builder {
    request.header("authorization", format!("Bearer {token}"))
}

#[tokio::test]
async fn every_token_of_the_table_gets_its_answer_and_none_is_repeated() {
    let (fixture, api) = (fixture(), over("", Some(clock())));
    for row in fixture["tokens"].as_array().unwrap() {
        let (what, token) = (row["what"].as_str().unwrap(), row["token"].as_str().unwrap());
        let answer = predict(&api, token).await;
        assert_eq!(answer.status, row["status"].as_u64().unwrap() as u16, "{what}: {}", answer.text());
        if answer.status == 200 {
            continue;
        }
        let (error, expected) = (answer.error(), row["message"].as_str().unwrap());
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{what}: {message}");
        let challenge = answer.header("www-authenticate").unwrap();
        let code = if answer.status == 401 { "invalid_token" } else { "insufficient_scope" };
        assert!(challenge.starts_with(&format!("Bearer error=\"{code}\", ")), "{what}: {challenge}");
        let parts = token.split('.').filter(|part| part.len() > 3);
        assert!(!parts.into_iter().any(|part| answer.text().contains(part)), "{what}");
    }
}

#[tokio::test]
async fn without_a_token_it_is_a_401_that_says_how_to_come_in() {
    let api = over("", Some(clock()));
    let request = || Request::post("/predict").header("content-type", "application/json");
    let answer = api.send(request(), SETOSA).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
    // Tokens close what they can open, for this machine too.
    let own = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    assert_eq!(api.send(own, "").await.status, 401);
    let own = Request::get("/metrics").extension(Peer([127, 0, 0, 1].into()));
    assert_eq!(over("scopes.metrics = []", Some(clock())).send(own, "").await.status, 200);
    assert_eq!(api.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_key_still_comes_as_a_bearer_and_by_its_header() {
    let api = over("", Some(clock()));
    assert_eq!(predict(&api, "alpha").await.status, 200);
    assert_eq!(predict(&api, "a.b.c").await.status, 200);
    assert_eq!(predict(&api, "beta").await.status, 401);
    let request = |key| {
        let request = Request::post("/predict").header("content-type", "application/json");
        request.header("x-api-key", key)
    };
    assert_eq!(api.send(request("alpha"), SETOSA).await.status, 200);
    let token = fixture()["tokens"][0]["token"].as_str().unwrap().to_owned();
    assert_eq!(api.send(request(&token), SETOSA).await.status, 403);
}

#[tokio::test]
async fn scopes_open_what_the_configuration_says() {
    let fixture = fixture();
    let (admin, metrics) = (fixture["admin"].as_str().unwrap(), "with another scope");
    let rows = fixture["tokens"].as_array().unwrap();
    let token = |what: &str| {
        let row = rows.iter().find(|row| row["what"] == what).unwrap();
        row["token"].as_str().unwrap()
    };
    let api = over("", Some(clock()));
    let unload = |token| bearer(Request::post("/v2/repository/models/iris/unload"), token);
    assert_eq!(api.send(unload(token("of ES256")), "").await.status, 403);
    assert_eq!(api.send(unload(admin), "").await.status, 200);
    assert_eq!(predict(&api, admin).await.status, 403);
    assert_eq!(api.send(bearer(Request::get("/metrics"), token(metrics)), "").await.status, 200);
    let renamed = over("scopes = { predict = [\"infer\", \"metrics\"] }", Some(clock()));
    assert_eq!(predict(&renamed, token(metrics)).await.status, 200);
    let answer = predict(&renamed, token("of RS256")).await;
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"infer metrics\"";
    assert_eq!((answer.status, answer.header("www-authenticate")), (403, Some(challenge)));
    let all = over("scopes = { predict = [\"*\"] }", Some(clock()));
    assert_eq!(predict(&all, token("with no scope")).await.status, 200);
}

#[tokio::test]
async fn each_subject_has_a_rate_of_its_own() {
    let fixture = fixture();
    let api = over("rate = { requests = 1, seconds = 60 }", Some(clock()));
    let token = |index: usize| fixture["tokens"][index]["token"].as_str().unwrap();
    assert_eq!(predict(&api, token(0)).await.header("ratelimit-policy"), Some("\"default\";q=1;w=60"));
    let over = predict(&api, token(1)).await;
    assert_eq!((over.status, &over.error()["code"]), (429, &json!("rate_limited")));
    // One without a subject is nobody's but the tokens'; the key has no rate.
    assert_eq!(predict(&api, token(8)).await.status, 200);
    assert_eq!(predict(&api, "alpha").await.header("ratelimit-policy"), None);
}

#[tokio::test]
async fn without_a_clock_no_token_is_good() {
    let token = fixture()["tokens"][0]["token"].as_str().unwrap().to_owned();
    let answer = predict(&over("", None), &token).await;
    let message = "this host has no clock, so that no token's time can be checked";
    assert_eq!((answer.status, &answer.error()["message"]), (401, &json!(message)));
}

#[tokio::test]
async fn keys_that_are_not_there_yet_know_no_token() {
    let text = "[jwt]\njwks_file = \"jwks.json\"\n";
    let config = Config::read(Some(text), []).unwrap();
    let host = Host { clock: Some(clock()), ..Host::default() };
    let api = Api::over(api(Registry::of(model()), config, host));
    let token = fixture()["tokens"][0]["token"].as_str().unwrap().to_owned();
    assert_eq!(predict(&api, &token).await.status, 401);
}

#[test]
fn the_environment_can_hold_the_keys() {
    let jwks = fixture()["jwks"].to_string();
    let variable = ("EDGEINFER_SERVE_JWT__JWKS".to_owned(), jwks);
    let config = Config::read(Some("[jwt]\njwks_file = \"jwks.json\"\n"), [variable]).unwrap();
    assert_eq!(config.jwks_file(), None);
    let secret = ("EDGEINFER_SERVE_JWT__JWKS".to_owned(), "{\"keys\":[{\"k\":\"sesame\"}]}".to_owned());
    let error = Config::read(None, [secret]).unwrap_err();
    assert!(error.message().contains("expected a JWKS") && !error.message().contains("sesame"), "{error}");
}
