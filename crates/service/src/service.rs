use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Extensions;
use axum::http::request::Parts;
use edgeinfer_core::{Error, ErrorKind, Model, Result};

use crate::clock::Clock;
use crate::config::Config;
use crate::error::ApiError;
use crate::observe::{Counts, Note, Run};
use crate::registry::{Entry, Loaded, Registry};
use crate::router::Log;
use crate::store::Store;

/// What the routes answer from.
pub(crate) struct Service {
    pub(crate) registry: Registry,
    pub(crate) config: Config,
    pub(crate) clock: Option<Clock>,
    pub(crate) log: Option<Log>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) counts: Counts,
}

/// The service as axum hands it to each handler.
pub(crate) type Shared = Arc<Service>;

impl Service {
    /// The model `name`, or the default; its version `version`, or the newest one
    /// that answers.
    pub(crate) fn find(&self, name: Option<&str>, version: Option<&str>) -> Result<Target> {
        let (entry, model) = self.registry.find(name, version, self.clock)?;
        Ok(Target { entry, model, clock: self.clock, note: None })
    }

    /// Counts what `note` has of a request.
    pub(crate) fn count(&self, note: &Note) {
        for (entry, run) in note.take_runs() {
            self.counts.ran(&entry, run);
        }
        if let Some(outcome) = note.cache() {
            self.counts.cached(outcome);
        }
        for entry in self.registry.entries() {
            if let (Some(time), Some(clock)) = (entry.news(), self.clock) {
                self.counts.loaded(entry, time, (clock.unix)());
            }
        }
    }

    /// Does to the models what other instances were asked for. A store that fails
    /// leaves them as they are.
    pub(crate) async fn follow(&self) {
        if self.registry.follow(&*self.store, self.clock).await.is_err() {
            self.counts.store_failed();
        }
    }
}

/// The model that a request is for: the one in its path, or the default.
///
/// Rejects with [`ErrorKind::NotFound`] where there is no such model or version,
/// with [`ErrorKind::ModelUnavailable`] and the reason where it does not answer.
pub(crate) struct Target {
    pub(crate) entry: Arc<Entry>,
    pub(crate) model: Arc<Loaded>,
    clock: Option<Clock>,
    note: Option<Arc<Note>>,
}

impl Target {
    /// The same, whose runs are told of in the log line of the request that has
    /// `extensions`.
    pub(crate) fn noted(mut self, extensions: &Extensions) -> Self {
        self.note = extensions.get().cloned();
        self
    }

    /// Counts and times `work`, a run of the model over `rows` rows.
    ///
    /// # Errors
    ///
    /// Those of `work`.
    pub(crate) fn measured<T>(&self, rows: usize, work: impl FnOnce(&Model) -> Result<T>) -> Result<T> {
        let now = || self.clock.map_or(Duration::ZERO, Clock::now);
        let start = now();
        let done = work(&self.model);
        if let Some(note) = &self.note {
            let time = now().saturating_sub(start);
            let end = self.clock.map_or(Duration::ZERO, |clock| (clock.unix)());
            note.about(&self.entry, rows);
            note.ran(&self.entry, Run { rows, succeeded: done.is_ok(), time, end });
        }
        done
    }

    /// What became of the request at the cache, which is told in its log line.
    pub(crate) fn cached(&self, outcome: &'static str) {
        if let Some(note) = &self.note {
            note.about(&self.entry, 0);
            note.cached(outcome);
        }
    }
}

impl FromRequestParts<Shared> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, ApiError> {
        let named = Named::from_request_parts(parts, service).await?;
        let target = service.find(named.model.as_deref(), named.version.as_deref())?;
        Ok(target.noted(&parts.extensions))
    }
}

/// The model and the version that a request's path names.
pub(crate) struct Named {
    pub(crate) model: Option<String>,
    pub(crate) version: Option<String>,
}

impl FromRequestParts<Shared> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, service).await.map_err(|error| {
            Error::new(ErrorKind::MalformedRequest, format!("the path cannot be read: {error}"))
        })?;
        let param = |wanted: &str| {
            let mut params = params.iter();
            params.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        Ok(Self { model: param("model"), version: param("version") })
    }
}
