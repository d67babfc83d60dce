//! Who may ask for what, and how often.

mod access;
mod hosts;
mod keys;
mod peer;
mod rate;
mod store;

pub(crate) use self::access::admit;
pub use self::keys::Keys;
pub(crate) use self::keys::Scope;
pub use self::peer::Peer;
pub use self::rate::Rate;
pub(crate) use self::rate::RateHeaders;
pub use self::store::{MemoryStore, Store, Taken};
