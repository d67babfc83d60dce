//! Who may ask for what, and how often.

mod access;
mod bucket;
mod caller;
mod hosts;
mod keys;
mod peer;
mod rate;
mod token;

pub(crate) use self::access::{Access, Admitted, Bucket, admit, is_open};
pub(crate) use self::bucket::Taken;
pub use self::keys::Keys;
pub(crate) use self::keys::Scope;
pub use self::peer::Peer;
pub use self::rate::Rate;
pub(crate) use self::rate::RateHeaders;
pub use self::token::Tokens;
