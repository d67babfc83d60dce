//! What is seen of requests from outside: metrics, log lines, traces.

mod log;
mod metrics;
mod note;
mod time;
mod trace;

pub(crate) use self::log::Line;
pub(crate) use self::metrics::{Active, Labels, Metrics};
pub(crate) use self::note::Note;
pub(crate) use self::trace::Trace;
