//! Metrics in Prometheus's text, with OpenTelemetry's names, and Triton's besides.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>
//! <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::registry::{Entry, Registry, Tally};

/// The upper bounds of the histogram of durations, in seconds: OpenTelemetry's, and
/// finer ones below them.
const BOUNDS: [f64; 17] = [
    0.000_025, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5,
    1.0, 2.5, 10.0,
];

/// What is counted of requests, whatever they are about.
#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Labels, Histogram>>,
    rejected: Mutex<BTreeMap<&'static str, u64>>,
    active: AtomicI64,
}

/// A request that is being answered.
pub(crate) struct Active<'a>(&'a AtomicI64);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What requests are told apart by. The route is one of the API's own, so that
/// clients cannot make new ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Labels {
    pub(crate) route: String,
    pub(crate) method: &'static str,
    pub(crate) status: u16,
}

#[derive(Default)]
struct Histogram {
    /// How many took no longer than each bound, and longer than the one before.
    counts: [u64; BOUNDS.len()],
    count: u64,
    seconds: f64,
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        self.count += 1;
        self.seconds += seconds;
        let place = BOUNDS.iter().position(|bound| seconds <= *bound);
        if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
            *count += 1;
        }
    }
}

impl Metrics {
    /// A request begins. It ends when what is given is dropped, so that one whose
    /// client goes away ends too.
    pub(crate) fn begin(&self) -> Active<'_> {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(&self.active)
    }

    /// A request was answered in `time`; `code` is its error's.
    pub(crate) fn answered(&self, labels: Labels, code: Option<&'static str>, time: Duration) {
        locked(&self.requests).entry(labels).or_default().add(time);
        if let Some(code) = code {
            *locked(&self.rejected).entry(code).or_default() += 1;
        }
    }

    /// All that is counted, and what the models of `registry` were asked for.
    pub(crate) fn write(&self, registry: &Registry) -> String {
        let mut text = Text::default();
        self.write_requests(&mut text);
        write_models(&mut text, registry);
        text.0
    }

    fn write_requests(&self, text: &mut Text) {
        let duration = "http_server_request_duration_seconds";
        text.family(duration, "histogram", "How long requests took.");
        for (labels, histogram) in &*locked(&self.requests) {
            let Labels { route, method, status } = labels;
            let labels = format!(
                "http_route=\"{}\",http_request_method=\"{method}\",http_response_status_code=\"{status}\"",
                escaped(route)
            );
            let mut below = 0;
            for (bound, count) in BOUNDS.iter().zip(histogram.counts) {
                below += count;
                text.line(&format!("{duration}_bucket"), &format!("{labels},le=\"{bound}\""), below);
            }
            text.line(&format!("{duration}_bucket"), &format!("{labels},le=\"+Inf\""), histogram.count);
            text.line(&format!("{duration}_sum"), &labels, histogram.seconds);
            text.line(&format!("{duration}_count"), &labels, histogram.count);
        }
        text.family("http_server_active_requests", "gauge", "Requests that are being answered.");
        text.line("http_server_active_requests", "", self.active.load(Ordering::Relaxed));
        text.family(
            "edgeinfer_requests_rejected_total",
            "counter",
            "Requests that failed, by the error's code.",
        );
        for (code, count) in &*locked(&self.rejected) {
            text.line("edgeinfer_requests_rejected_total", &format!("reason=\"{code}\""), count);
        }
    }
}

/// What is told of each version of each model: name, type, help, value.
type Column = (&'static str, &'static str, &'static str, fn(&Entry) -> Option<f64>);

const COLUMNS: [Column; 10] = [
    ("edgeinfer_model_ready", "gauge", "Whether the model is loaded.", |entry| {
        Some(f64::from(u8::from(entry.loaded().is_some())))
    }),
    ("edgeinfer_model_load_seconds", "gauge", "How long the model took to load.", |entry| {
        entry.loaded()?.load_time.map(|time| time.as_secs_f64())
    }),
    ("edgeinfer_predictions_total", "counter", "Rows that the model predicted.", |entry| {
        Some(entry.stats.rows() as f64)
    }),
    ("edgeinfer_inference_seconds_total", "counter", "How long the model ran.", |entry| {
        Some(nanoseconds(&entry.stats.succeeded) / 1e9)
    }),
    ("nv_inference_request_success", "counter", "Runs that succeeded.", |entry| {
        Some(entry.stats.succeeded.count() as f64)
    }),
    ("nv_inference_request_failure", "counter", "Runs that failed.", |entry| {
        Some(entry.stats.failed.count() as f64)
    }),
    ("nv_inference_count", "counter", "Rows that the model predicted.", |entry| {
        Some(entry.stats.rows() as f64)
    }),
    ("nv_inference_exec_count", "counter", "Runs of the model.", |entry| {
        Some(entry.stats.succeeded.count() as f64)
    }),
    ("nv_inference_request_duration_us", "counter", "How long runs took, in microseconds.", |entry| {
        Some(nanoseconds(&entry.stats.succeeded) / 1e3)
    }),
    (
        "nv_inference_compute_infer_duration_us",
        "counter",
        "How long the model ran, in microseconds.",
        |entry| Some(nanoseconds(&entry.stats.succeeded) / 1e3),
    ),
];

fn nanoseconds(tally: &Tally) -> f64 {
    tally.nanoseconds() as f64
}

fn write_models(text: &mut Text, registry: &Registry) {
    for (name, kind, help, value) in COLUMNS {
        text.family(name, kind, help);
        for entry in registry.entries() {
            let labels =
                format!("model=\"{}\",version=\"{}\"", escaped(entry.name()), escaped(entry.version()));
            if let Some(value) = value(entry) {
                text.line(name, &labels, value);
            }
        }
    }
}

/// The text as it grows. Writing to a string cannot fail.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }
}

/// A label's value within its quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
