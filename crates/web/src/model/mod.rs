//! The class `Model`: a model at hand.
//!
//! There are two ways in. Whatever JavaScript may give is taken as it is, as
//! JavaScript's own objects. Numbers, and tensors of strings, go through memory: the package
//! writes them where `Model::place`, `numbers` and `text` say, calls with
//! numbers, and reads the answer where the call says. That way never fails with a
//! reason: the address is 0, and the other way gives the answer or the error.

mod answers;
mod class;
mod error;
mod features;
mod load;
mod room;
mod signature;
mod tensor;
mod values;

pub use self::class::Model;
pub use self::room::{numbers, text};
