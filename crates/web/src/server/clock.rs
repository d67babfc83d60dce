use std::time::Duration;

use edgeinfer_service::Clock;
use wasm_bindgen::prelude::*;

/// JavaScript's clocks. In Cloudflare's workers they stand still while nothing is
/// waited for, so that what is measured there is 0.
pub(super) const CLOCK: Clock =
    Clock { monotonic: || milliseconds(now()), unix: || milliseconds(js_sys::Date::now()) };

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since some moment that stays the same.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

fn milliseconds(time: f64) -> Duration {
    // What is no time is none worth telling.
    Duration::try_from_secs_f64(time / 1e3).unwrap_or_default()
}
