//! The HTTP API for JavaScript: requests and answers as text and bytes.
//!
//! JavaScript drives: it begins a [`Call`], polls it, and waits in between for what
//! the call asked of the store. No executor runs in the wasm, so that whatever goes
//! wrong is thrown where JavaScript called.

mod call;
mod clock;
mod models;
mod request;
mod service;
mod store;

pub use self::call::Call;
pub use self::models::Models;
pub use self::service::Service;
