use super::bindings::fermyon::spin::variables::{Error, Host};
use crate::host::guest::State;

impl Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Result<String, Error>> {
        let value = self.shared.variables.get(&name).cloned();
        Ok(value.ok_or(Error::Undefined(name)))
    }
}
