use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use edgeinfer_core::{EngineLoader, Error, ErrorKind, Model, ModelBytes, Result};
use sha2::{Digest as _, Sha256};

use super::Source;
use super::shared::Mark;
use crate::clock::Clock;

/// One version of one model: where it comes from, and what became of it.
pub(crate) struct Entry {
    name: String,
    version: String,
    source: Source,
    fallback: Option<EngineLoader>,
    state: RwLock<State>,
    /// Whether a load is yet to be counted.
    is_news: AtomicBool,
    /// What was asked of it at other instances, up to which generation it is here.
    seen: AtomicU64,
}

enum State {
    /// Nobody has asked for it yet.
    Waiting,
    Ready(Arc<Loaded>),
    Failed(Error),
    Unloaded,
}

/// What became of a model, for those who list them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Ready,
    /// It does not load, for this reason.
    Failed(Error),
    /// A client asked for it to be unloaded.
    Unloaded,
}

/// A model that answers.
pub(crate) struct Loaded {
    model: Arc<Model>,
    bytes: Option<ModelBytes>,
    sha256: OnceLock<String>,
    /// How long it took to load, where the host has a clock.
    pub(crate) load_time: Option<Duration>,
}

/// How long the header of a model's file is.
const HEADER: usize = 64;

impl Deref for Loaded {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl Loaded {
    /// What tells its file from others: its header, which has the checksum of all.
    /// Nothing for a model that was at hand, which stays the same.
    pub(crate) fn identity(&self) -> &[u8] {
        let bytes: &[u8] = self.bytes.as_deref().unwrap_or_default();
        bytes.get(..HEADER).unwrap_or(bytes)
    }

    /// The SHA-256 of its file, in hexadecimal digits. Worked out when it is first
    /// asked for: loading a model shall not take as long as that.
    pub(crate) fn sha256(&self) -> Option<&str> {
        let bytes = self.bytes.as_ref()?;
        Some(self.sha256.get_or_init(|| hexadecimal(&Sha256::digest(&**bytes))))
    }
}

impl Entry {
    pub(super) fn new(name: &str, version: &str, source: Source, fallback: Option<EngineLoader>) -> Self {
        let state = RwLock::new(State::Waiting);
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            source,
            fallback,
            state,
            is_news: AtomicBool::new(false),
            seen: AtomicU64::new(0),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The model, loaded now where nobody has asked for it before.
    ///
    /// # Errors
    ///
    /// Why it does not answer.
    pub(crate) fn get(&self, clock: Option<Clock>) -> Result<Arc<Loaded>> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Waiting => {}
            State::Ready(loaded) => return Ok(Arc::clone(loaded)),
            State::Failed(reason) => return Err(reason.clone()),
            State::Unloaded => return Err(self.unloaded()),
        }
        self.load(clock)
    }

    /// Reads the model anew, whatever became of it before. A model that answers
    /// goes on answering until the new one does, and where that fails.
    ///
    /// # Errors
    ///
    /// Why it does not load.
    pub(crate) fn load(&self, clock: Option<Clock>) -> Result<Arc<Loaded>> {
        let start = clock.map(Clock::now);
        let loaded = self.source.load(self.fallback).map(|(model, bytes)| {
            let load_time = clock.zip(start).map(|(clock, start)| clock.now().saturating_sub(start));
            Arc::new(Loaded { model, bytes, sha256: OnceLock::new(), load_time })
        });
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &loaded {
            Ok(loaded) => {
                *state = State::Ready(Arc::clone(loaded));
                self.is_news.store(true, Ordering::Relaxed);
            }
            Err(reason) if !matches!(*state, State::Ready(_)) => *state = State::Failed(reason.clone()),
            Err(_) => {}
        }
        loaded
    }

    /// Lets go of the model: it answers no more until it is loaded again.
    pub(crate) fn unload(&self) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::Unloaded;
    }

    /// The model, where it is loaded already.
    pub(crate) fn loaded(&self) -> Option<Arc<Loaded>> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(loaded) => Some(Arc::clone(loaded)),
            _ => None,
        }
    }

    /// What became of it; it is loaded for that where nobody has asked for it yet.
    pub(crate) fn standing(&self, clock: Option<Clock>) -> Standing {
        match self.get(clock) {
            Ok(_) => Standing::Ready,
            Err(_) if self.is_unloaded() => Standing::Unloaded,
            Err(reason) => Standing::Failed(reason),
        }
    }

    /// How long the last load took, where nobody has asked yet.
    pub(crate) fn news(&self) -> Option<Duration> {
        if !self.is_news.load(Ordering::Relaxed) || !self.is_news.swap(false, Ordering::Relaxed) {
            return None;
        }
        self.loaded()?.load_time
    }

    /// Whether it answers, or would: where it was `loaded_elsewhere` it need not have
    /// been asked for here.
    pub(crate) fn is_ready(&self, loaded_elsewhere: bool) -> bool {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(_) => true,
            State::Waiting => loaded_elsewhere,
            State::Failed(_) | State::Unloaded => false,
        }
    }

    /// Does what was asked of it at another instance, where it has not yet.
    pub(super) fn follow(&self, mark: Mark, clock: Option<Clock>) {
        if self.seen.fetch_max(mark.generation, Ordering::Relaxed) >= mark.generation {
            return;
        }
        let is_waiting = matches!(*self.state.read().unwrap_or_else(PoisonError::into_inner), State::Waiting);
        match mark.unloaded {
            true => self.unload(),
            // It is loaded when it is asked for; whether that fails is told then.
            false if is_waiting => {}
            false => {
                let _ = self.load(clock);
            }
        }
    }

    /// It is here as `mark` says.
    pub(super) fn saw(&self, mark: Mark) {
        self.seen.fetch_max(mark.generation, Ordering::Relaxed);
    }

    fn is_unloaded(&self) -> bool {
        matches!(*self.state.read().unwrap_or_else(PoisonError::into_inner), State::Unloaded)
    }

    fn unloaded(&self) -> Error {
        let message = format!("version {} of the model `{}` was unloaded", self.version, self.name);
        Error::new(ErrorKind::ModelUnavailable, message)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
