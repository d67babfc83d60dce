use std::time::Duration;

/// The time, as the host tells it: the service reads no clock itself, as not
/// every host of it has the one that Rust's standard library would ask.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time since some moment that stays the same; never goes back.
    pub monotonic: fn() -> Duration,
    /// The time since 1970-01-01 00:00 UTC.
    pub unix: fn() -> Duration,
}

impl Clock {
    pub(crate) fn now(self) -> Duration {
        (self.monotonic)()
    }
}
