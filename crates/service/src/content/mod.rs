//! The forms of bodies other than JSON, and which of them a client wants.

mod accept;
mod csv;
mod media_type;
mod npy;

pub(crate) use self::accept::{asks_for, choose};
pub(crate) use self::csv::{CSV, Header, read_rows, write_predictions};
pub(crate) use self::media_type::{JSON, MediaType, media_type};
pub(crate) use self::npy::{NPY, read_npy, write_npy};
