//! What Spin gives beside WASI: variables, and a store that instances share.
//!
//! Without the feature `spin` the component imports neither, and runs on any host of
//! WASI 0.2.

#[cfg(feature = "spin")]
pub(crate) use self::spin::{store, variable};
#[cfg(not(feature = "spin"))]
pub(crate) use self::wasi::{store, variable};

#[cfg(feature = "spin")]
mod spin {
    use std::sync::Arc;

    use edgeinfer_core::{Error, ErrorKind, Result};
    use edgeinfer_service::{Config, Slots, Store, StoreKind};
    use spin_sdk::variables;

    use crate::clock::CLOCK;
    use crate::store::KeyValue;

    /// The variable `name` of the component, where it is set.
    ///
    /// # Errors
    ///
    /// Where it comes from does not answer.
    pub(crate) fn variable(name: &str) -> Result<Option<String>> {
        match variables::get(name) {
            Ok(value) => Ok(Some(value)),
            Err(variables::Error::Undefined(_) | variables::Error::InvalidName(_)) => Ok(None),
            Err(variables::Error::Provider(reason) | variables::Error::Other(reason)) => {
                let message = format!("the variable `{name}` cannot be read: {reason}");
                Err(Error::new(ErrorKind::ModelUnavailable, message))
            }
        }
    }

    /// The store that `config` asks for: the host's, where it lets this component use it,
    /// unless it shall be the instance's own memory.
    ///
    /// # Errors
    ///
    /// `config` asks for the host's, and there is none.
    pub(crate) fn store(config: &Config) -> Result<Option<Arc<dyn Store>>> {
        let open = || KeyValue::open(config.state.label.as_deref().unwrap_or("default"));
        let store = match config.state.store {
            Some(StoreKind::Memory) => None,
            Some(StoreKind::KeyValue) => Some(open()?),
            None => open().ok(),
        };
        Ok(store.map(|store| Arc::new(Slots::new(store, CLOCK, config.cache)) as _))
    }
}

#[cfg(not(feature = "spin"))]
mod wasi {
    use std::sync::Arc;

    use edgeinfer_core::{Error, ErrorKind, Result};
    use edgeinfer_service::{Config, Store, StoreKind};

    /// There are no variables.
    pub(crate) fn variable(_name: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// There is no store.
    ///
    /// # Errors
    ///
    /// `config` asks for one.
    pub(crate) fn store(config: &Config) -> Result<Option<Arc<dyn Store>>> {
        if config.state.store == Some(StoreKind::KeyValue) {
            let message = "there is no key-value store: the component was built without the feature `spin`";
            return Err(Error::new(ErrorKind::ModelUnavailable, message));
        }
        Ok(None)
    }
}
