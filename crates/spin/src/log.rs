use std::io::{self, Write as _};

/// Writes a line to the standard error, which the host keeps as the component's log.
pub(crate) fn line(text: &str) {
    // Nobody is left to tell where that is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
