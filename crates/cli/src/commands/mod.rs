//! One command, one file: its arguments and what it does.

pub(crate) mod compile;
pub(crate) mod inspect;
pub(crate) mod predict;
pub(crate) mod serve;
pub(crate) mod verify;
