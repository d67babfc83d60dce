//! The models that the service answers from, by name and version.

mod entry;
mod order;
mod shared;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use edgeinfer_core::{EngineLoader, Error, ErrorKind, Model, Result};

pub(crate) use self::entry::{Entry, Loaded, Standing};
pub use self::source::Source;
use crate::clock::Clock;
use crate::shortened::shortened;
use crate::store::Pace;

/// The version of a model that has one alone.
pub const FIRST_VERSION: &str = "1";

/// The models that a service answers from, by name and version.
///
/// A model is read when it is first asked for, or when the health of all is: one
/// that is never used costs nothing, and one that does not load takes no other
/// down with it.
pub struct Registry {
    /// Each model's versions, the newest first.
    models: BTreeMap<String, Vec<Arc<Entry>>>,
    default: Option<String>,
    fallback: Option<EngineLoader>,
    /// Why there is no model, where there is none.
    reason: Option<Error>,
    /// When it looked what other instances were asked for.
    pace: Pace,
}

impl Registry {
    /// A registry without models, whose models run on `fallback` where they have
    /// no plan.
    #[must_use]
    pub fn new(fallback: Option<EngineLoader>) -> Self {
        Self { models: BTreeMap::new(), default: None, fallback, reason: None, pace: Pace::default() }
    }

    /// The one model that is at hand, or the reason why there is none.
    #[must_use]
    pub fn of(model: Result<Arc<Model>>) -> Self {
        let name = model.as_ref().ok().and_then(|model| model.info().name);
        let mut registry = Self::new(None);
        registry.add(name.as_deref().unwrap_or("model"), FIRST_VERSION, Source::Model(model));
        registry
    }

    /// No model, for `reason`.
    #[must_use]
    pub fn without_models(reason: Error) -> Self {
        Self { reason: Some(reason), ..Self::new(None) }
    }

    /// Adds a version of the model `name`, in place of one that has the same. The
    /// first model added is the default, until [`Registry::set_default`].
    pub fn add(&mut self, name: &str, version: &str, source: Source) {
        self.default.get_or_insert_with(|| name.to_owned());
        let entry = Arc::new(Entry::new(name, version, source, self.fallback));
        let versions = self.models.entry(name.to_owned()).or_default();
        versions.retain(|entry| entry.version() != version);
        versions.push(entry);
        versions.sort_by(|a, b| order::newer_first(a.version(), b.version()));
    }

    /// Makes `name` the model that is meant where none is named.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such model.
    pub fn set_default(&mut self, name: &str) -> Result<()> {
        self.versions(name)?;
        self.default = Some(name.to_owned());
        Ok(())
    }

    /// Leaves no model as the one that is meant where none is named, for `reason`.
    pub(crate) fn withdraw_default(&mut self, reason: Error) {
        self.default = None;
        self.reason = Some(reason);
    }

    /// The name of the model that is meant where none is named.
    ///
    /// # Errors
    ///
    /// Why there is no model.
    pub(crate) fn default_name(&self) -> Result<&str> {
        let none = || Error::new(ErrorKind::ModelUnavailable, "none was given");
        self.default.as_deref().ok_or_else(|| self.reason.clone().unwrap_or_else(none))
    }

    /// The names of all models.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    /// Every version of every model, the newest of each first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.models.values().flatten()
    }

    /// The versions of the model `name`, the newest first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] with the names that there are.
    pub(crate) fn versions(&self, name: &str) -> Result<&[Arc<Entry>]> {
        self.models.get(name).map(Vec::as_slice).ok_or_else(|| {
            let names = listed(self.names());
            missing(format!("there is no model `{}`; there is {names}", shortened(name)))
        })
    }

    /// The model `name`, or the default; its version `version`, or the newest one
    /// that answers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for a name or a version that is not there;
    /// [`ErrorKind::ModelUnavailable`] with the reason for one that does not
    /// answer.
    pub(crate) fn find(
        &self,
        name: Option<&str>,
        version: Option<&str>,
        clock: Option<Clock>,
    ) -> Result<(Arc<Entry>, Arc<Loaded>)> {
        let name = name.map_or_else(|| self.default_name().map_err(unavailable), Ok)?;
        match version {
            Some(version) => {
                let entry = self.version(name, version)?;
                Ok((Arc::clone(entry), entry.get(clock).map_err(unavailable)?))
            }
            None => newest(self.versions(name)?, clock).map_err(unavailable),
        }
    }

    /// Whether the model that is meant where none is named answers.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub(crate) fn check_default(&self, clock: Option<Clock>) -> Result<()> {
        newest(self.versions(self.default_name()?)?, clock).map(|_| ())
    }

    /// The version `version` of the model `name`, whether it answers or not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for a name or a version that is not there.
    pub(crate) fn version(&self, name: &str, version: &str) -> Result<&Arc<Entry>> {
        let versions = self.versions(name)?;
        versions.iter().find(|entry| entry.version() == version).ok_or_else(|| {
            let known = listed(versions.iter().map(|entry| entry.version()));
            let (name, version) = (shortened(name), shortened(version));
            missing(format!("the model `{name}` has no version `{version}`; it has {known}"))
        })
    }
}

/// The newest of `versions` that answers.
///
/// # Errors
///
/// Why the newest of all does not.
fn newest(versions: &[Arc<Entry>], clock: Option<Clock>) -> Result<(Arc<Entry>, Arc<Loaded>)> {
    let mut first = None;
    for entry in versions {
        match entry.get(clock) {
            Ok(loaded) => return Ok((Arc::clone(entry), loaded)),
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    Err(first.unwrap_or_else(|| missing("it has no versions".to_owned())))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<_> = names.map(|name| format!("`{}`", shortened(name))).collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        return format!("{} and {more} more", names.join(", "));
    }
    names.join(", ")
}

fn missing(message: String) -> Error {
    Error::new(ErrorKind::NotFound, message)
}

fn unavailable(reason: Error) -> Error {
    Error::new(ErrorKind::ModelUnavailable, format!("no model is loaded: {reason}"))
}
