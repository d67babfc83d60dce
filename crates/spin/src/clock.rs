use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use edgeinfer_service::Clock;

/// WASI's clocks.
pub(crate) const CLOCK: Clock = Clock {
    monotonic: || START.elapsed(),
    // A host whose clock stands before 1970 has none worth telling.
    unix: || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO),
};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
