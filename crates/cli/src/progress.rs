//! Progress on standard error: a spinner where a person watches, lines
//! otherwise.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::ProgressBar;

pub(crate) struct Progress {
    spinner: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let spinner = io::stderr().is_terminal().then(ProgressBar::new_spinner);
        if let Some(spinner) = &spinner {
            spinner.enable_steady_tick(Duration::from_millis(100));
        }
        Self { spinner }
    }

    /// Tells of a step: what is being done, from now until the next. Once a
    /// server serves, nothing is waited for: steps are lines from then on.
    pub(crate) fn step(&self, step: &str) {
        match &self.spinner {
            Some(spinner) if !spinner.is_finished() && !step.starts_with("serving") => {
                spinner.set_message(step.to_owned());
            }
            Some(spinner) => {
                spinner.finish_and_clear();
                self.line(step);
            }
            None => self.line(step),
        }
    }

    /// Prints a line that stays.
    pub(crate) fn line(&self, text: &str) {
        // Nobody to tell is no failure.
        let write = || drop(writeln!(io::stderr(), "{text}"));
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}
