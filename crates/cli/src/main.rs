//! The `edgeinfer` command.
fn main() {}
