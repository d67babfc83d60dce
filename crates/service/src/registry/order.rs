//! Which of two versions is the newer.

use std::cmp::Ordering;

/// Orders versions such as `2`, `1.10.0` and `2024-05-01`: numbers in them by
/// their value, all else as text. The newest comes first.
pub(crate) fn newer_first(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<Part> { text.split(['.', '-', '_']).map(Part::of).collect() };
    // As text where the numbers are equal, so that no two versions are.
    parts(b).cmp(&parts(a)).then_with(|| b.cmp(a))
}

/// A part of a version. Text comes before numbers: `1.rc` is older than `1.0`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    Number(u64),
}

impl Part {
    fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        let mut versions = ["1.9.2", "2", "1.10.0", "10", "1.rc", "1", "01"];
        versions.sort_by(|a, b| newer_first(a, b));
        assert_eq!(versions, ["10", "2", "1.10.0", "1.9.2", "1.rc", "1", "01"]);
    }
}
