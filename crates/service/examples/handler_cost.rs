//! What a request costs beside its sockets: reading, checking, predicting, writing.
//!
//! `cargo run --release -p edgeinfer-service --example handler_cost -- MODEL.edge BODY.json`
#![allow(clippy::print_stdout, reason = "it is for people to read")]

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

use edgeinfer_core::ModelBytes;
use edgeinfer_service::http::Request;
use edgeinfer_service::{Bytes, Clock, Config, FIRST_VERSION, Host, Registry, Source, answer, api};

/// How many requests are sent for one figure, and how many figures the best is of.
const REQUESTS: u32 = 2_000;
const FIGURES: u32 = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let model = arguments.next().ok_or("expected a compiled model")?;
    let body = arguments.next().ok_or("expected the body of a request")?;
    let bytes: ModelBytes = fs::read(&model)?.as_slice().into();
    let body = Bytes::from(fs::read(body)?);

    let mut registry = Registry::new(None);
    let read = Box::new(move || Ok(bytes.clone()));
    registry.add("model", FIRST_VERSION, Source::File { place: model, read });
    let clock = Clock { monotonic: || START.with(Instant::elapsed), unix: || Duration::ZERO };
    let start = Instant::now();
    let router = api(registry, Config::default(), Host { clock: Some(clock), ..Host::default() });
    println!("{:.1} µs to make the API", start.elapsed().as_secs_f64() * 1e6);

    let mut best = Duration::MAX;
    for _ in 0..FIGURES {
        let start = Instant::now();
        for _ in 0..REQUESTS {
            let request = Request::post("/predict").header("content-type", "application/json");
            let response = answer(&router, request.body(body.clone())?).await;
            if !response.status().is_success() {
                return Err(String::from_utf8_lossy(response.body()).into());
            }
        }
        best = best.min(start.elapsed() / REQUESTS);
    }
    println!("{:.1} µs a request", best.as_secs_f64() * 1e6);
    Ok(())
}

thread_local! {
    static START: Instant = Instant::now();
}
