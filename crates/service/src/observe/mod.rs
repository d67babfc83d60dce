//! What is seen of requests from outside: metrics, log lines, traces.

mod counts;
mod ledger;
mod log;
mod metrics;
mod note;
mod time;
mod trace;

pub(crate) use self::counts::{Active, Counts, Run};
pub(crate) use self::ledger::{Labels, Ledger, Tally};
pub(crate) use self::log::Line;
pub(crate) use self::metrics::write as write_metrics;
pub(crate) use self::note::Note;
pub(crate) use self::trace::Trace;
