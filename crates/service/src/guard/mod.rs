//! Who may ask for what, and how often.

mod access;
mod bucket;
mod hosts;
mod keys;
mod peer;
mod rate;

pub(crate) use self::access::{Admitted, Bucket, admit};
pub(crate) use self::bucket::Taken;
pub use self::keys::Keys;
pub(crate) use self::keys::Scope;
pub use self::peer::Peer;
pub use self::rate::Rate;
pub(crate) use self::rate::RateHeaders;
