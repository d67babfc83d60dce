//! Metrics in Prometheus's text, with OpenTelemetry's names, and Triton's besides.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>
//! <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>

use std::fmt::Write as _;

use super::counts::Counts;
use super::ledger::{BOUNDS, Labels, Ledger, Stats, Tally};
use crate::registry::{Entry, Registry};

/// All that is counted in `ledger`, and what became of the models of `registry`.
pub(crate) fn write(ledger: &Ledger, counts: &Counts, registry: &Registry) -> String {
    let mut text = Text::default();
    write_requests(&mut text, ledger);
    text.family("http_server_active_requests", "gauge", "Requests that this instance is answering.");
    text.line("http_server_active_requests", "", counts.active());
    write_others(&mut text, ledger);
    write_models(&mut text, ledger, registry);
    text.0
}

fn write_requests(text: &mut Text, ledger: &Ledger) {
    let duration = "http_server_request_duration_seconds";
    text.family(duration, "histogram", "How long requests took.");
    for (labels, histogram) in &ledger.requests {
        let Labels { route, method, status } = labels;
        let labels = format!(
            "http_route=\"{}\",http_request_method=\"{}\",http_response_status_code=\"{status}\"",
            escaped(route),
            escaped(method)
        );
        let mut below = 0_u64;
        for (bound, count) in BOUNDS.iter().zip(histogram.counts) {
            below = below.saturating_add(count);
            text.line(&format!("{duration}_bucket"), &format!("{labels},le=\"{bound}\""), below);
        }
        let Tally { count, .. } = histogram.time;
        text.line(&format!("{duration}_bucket"), &format!("{labels},le=\"+Inf\""), count);
        text.line(&format!("{duration}_sum"), &labels, seconds(&histogram.time));
        text.line(&format!("{duration}_count"), &labels, count);
    }
}

fn write_others(text: &mut Text, ledger: &Ledger) {
    let rejected = "edgeinfer_requests_rejected_total";
    text.family(rejected, "counter", "Requests that failed, by the error's code.");
    for (code, count) in &ledger.rejected {
        text.line(rejected, &format!("reason=\"{}\"", escaped(code)), count);
    }
    let cached = "edgeinfer_cache_requests_total";
    text.family(cached, "counter", "Requests that came to the cache, by what became of them.");
    for (outcome, count) in &ledger.cached {
        text.line(cached, &format!("result=\"{}\"", escaped(&outcome.to_lowercase())), count);
    }
    let failures = "edgeinfer_store_failures_total";
    text.family(failures, "counter", "Operations of the store that failed.");
    text.line(failures, "", ledger.store_failures);
}

/// What is told of each version of each model: name, type, help, value.
type Column = (&'static str, &'static str, &'static str, fn(&Entry, &Stats) -> Option<f64>);

const COLUMNS: [Column; 10] = [
    ("edgeinfer_model_ready", "gauge", "Whether the model is loaded.", |entry, stats| {
        Some(f64::from(u8::from(entry.is_ready(stats.load_time().is_some()))))
    }),
    ("edgeinfer_model_load_seconds", "gauge", "How long the model took to load.", |_, stats| {
        stats.load_time().map(|time| time.as_secs_f64())
    }),
    ("edgeinfer_predictions_total", "counter", "Rows that the model predicted.", |_, stats| {
        Some(stats.rows as f64)
    }),
    ("edgeinfer_inference_seconds_total", "counter", "How long the model ran.", |_, stats| {
        Some(seconds(&stats.succeeded))
    }),
    ("nv_inference_request_success", "counter", "Runs that succeeded.", |_, stats| {
        Some(stats.succeeded.count as f64)
    }),
    ("nv_inference_request_failure", "counter", "Runs that failed.", |_, stats| {
        Some(stats.failed.count as f64)
    }),
    ("nv_inference_count", "counter", "Rows that the model predicted.", |_, stats| Some(stats.rows as f64)),
    ("nv_inference_exec_count", "counter", "Runs of the model.", |_, stats| {
        Some(stats.succeeded.count as f64)
    }),
    ("nv_inference_request_duration_us", "counter", "How long runs took, in microseconds.", |_, stats| {
        Some(stats.succeeded.nanoseconds as f64 / 1e3)
    }),
    (
        "nv_inference_compute_infer_duration_us",
        "counter",
        "How long the model ran, in microseconds.",
        |_, stats| Some(stats.succeeded.nanoseconds as f64 / 1e3),
    ),
];

fn seconds(tally: &Tally) -> f64 {
    tally.nanoseconds as f64 / 1e9
}

fn write_models(text: &mut Text, ledger: &Ledger, registry: &Registry) {
    for (name, kind, help, value) in COLUMNS {
        text.family(name, kind, help);
        for entry in registry.entries() {
            let labels =
                format!("model=\"{}\",version=\"{}\"", escaped(entry.name()), escaped(entry.version()));
            if let Some(value) = value(entry, &ledger.stats(entry.name(), entry.version())) {
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
