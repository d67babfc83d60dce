use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// When something was done last that a store wants to be asked no more often than
/// once in its interval.
#[derive(Default)]
pub(crate) struct Pace(Mutex<Option<Duration>>);

impl Pace {
    /// Whether `interval` has passed since this was true last. Without a clock it
    /// always has.
    pub(crate) fn is_due(&self, interval: Duration, clock: Option<Clock>) -> bool {
        let Some(now) = clock.map(Clock::now).filter(|_| !interval.is_zero()) else { return true };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_sub(last) >= interval);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}
