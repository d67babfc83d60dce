//! What became of a case.

use serde::Serialize;

/// What became of one case.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) suite: &'static str,
    pub(crate) name: String,
    /// The operators of its graph.
    pub(crate) operators: Vec<String>,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Why it fails, where it does.
    pub(crate) failure: Option<Failure>,
}

/// Why a case fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// Where on its way.
    pub(crate) stage: Stage,
    /// What it has in common with others.
    pub(crate) cause: String,
    pub(crate) message: String,
}

/// How far a case came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    /// Its files were not understood.
    Read,
    /// The compiler did not take it.
    Compile,
    /// The compiled model did not load.
    Load,
    /// A run gave an error.
    Run,
    /// A run gave other values.
    Compare,
    /// Something panicked.
    Panic,
}

impl Outcome {
    /// The name by which lists call the case.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.suite, self.name)
    }
}

impl Failure {
    /// One whose message is its cause.
    pub(crate) fn new(stage: Stage, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { stage, cause: message.clone(), message }
    }

    /// One that has `cause` in common with others.
    pub(crate) fn of(stage: Stage, cause: impl Into<String>, message: impl Into<String>) -> Self {
        Self { stage, cause: cause.into(), message: message.into() }
    }
}

impl Stage {
    /// As reports say it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "not read",
            Self::Compile => "not compiled",
            Self::Load => "not loaded",
            Self::Run => "not run",
            Self::Compare => "wrong",
            Self::Panic => "panicked",
        }
    }
}
