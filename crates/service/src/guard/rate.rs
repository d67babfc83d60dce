use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use edgeinfer_core::{Error, ErrorKind, Result};
use serde::Deserialize;

use super::Taken;

/// How many requests a client may send in how long: all of them at once, or spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The most requests.
    pub requests: u32,
    /// In so many seconds.
    pub seconds: u32,
}

impl Rate {
    fn period(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// What becomes of a request at `now` in a bucket that is full again at `full`;
    /// and when it is then, where the request is let through.
    pub(super) fn take(self, full: Duration, now: Duration) -> (Taken, Option<Duration>) {
        let Some(each) = self.period().checked_div(self.requests) else {
            let never = Taken { allowed: false, remaining: 0, reset: self.period() };
            return (never, None);
        };
        // No bucket is emptier than empty: a clock that was ahead would make it so.
        let full = full.min(now.saturating_add(self.period()));
        let next = full.max(now).saturating_add(each);
        let used = next.saturating_sub(now);
        if used > self.period() {
            let wait = used.saturating_sub(self.period());
            return (Taken { allowed: false, remaining: 0, reset: wait }, None);
        }
        let left = self.period().saturating_sub(used).as_nanos().checked_div(each.as_nanos());
        let remaining = left.and_then(|left| u32::try_from(left).ok()).unwrap_or(self.requests);
        (Taken { allowed: true, remaining, reset: used }, Some(next))
    }
}

/// What an answer says of its client's rate.
///
/// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateHeaders {
    pub(crate) rate: Rate,
    pub(crate) taken: Taken,
}

impl RateHeaders {
    /// Whether the request is let through.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::RateLimited`] where it is not.
    pub(crate) fn check(self) -> Result<()> {
        if self.taken.allowed {
            return Ok(());
        }
        let Rate { requests, seconds } = self.rate;
        let message =
            format!("more than {requests} requests in {seconds} seconds; the Retry-After header says when");
        Err(Error::new(ErrorKind::RateLimited, message))
    }

    pub(crate) fn insert(self, headers: &mut HeaderMap) {
        let Self { rate, taken } = self;
        let reset = seconds_up(taken.reset);
        let mut insert = |name: &'static str, text: String| {
            // Digits and punctuation are always a header's value.
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        };
        insert("ratelimit-policy", format!("\"default\";q={};w={}", rate.requests, rate.seconds));
        insert("ratelimit", format!("\"default\";r={};t={reset}", taken.remaining));
        if !taken.allowed {
            insert("retry-after", reset.to_string());
        }
    }
}

/// Whole seconds, and one more for a rest: a client that waits so long is let
/// through.
fn seconds_up(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}
