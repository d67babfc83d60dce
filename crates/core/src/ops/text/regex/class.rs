use std::ops::RangeInclusive;

/// A set of characters.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    ranges: Vec<RangeInclusive<char>>,
    negated: bool,
    /// A bit for each ASCII character that is in the set.
    ascii: u128,
}

pub(super) const WORD: [RangeInclusive<char>; 4] = ['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'];
pub(super) const DIGIT: [RangeInclusive<char>; 1] = ['0'..='9'];
/// RE2's white space, which has no vertical tab.
pub(super) const SPACE: [RangeInclusive<char>; 3] = ['\t'..='\n', '\x0c'..='\r', ' '..=' '];
const LAST: char = char::MAX;

impl Class {
    /// The characters in `ranges`, or all others.
    pub(super) fn new(ranges: Vec<RangeInclusive<char>>, negated: bool) -> Self {
        let mut class = Self { ranges, negated, ascii: 0 };
        for code in 0..128u8 {
            class.ascii |= u128::from(class.among(char::from(code))) << code;
        }
        class
    }

    pub(super) fn contains(&self, c: char) -> bool {
        if c.is_ascii() { self.ascii >> u32::from(c) & 1 == 1 } else { self.among(c) }
    }

    fn among(&self, c: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&c)) != self.negated
    }
}

/// Whether `\b` takes the character for a part of a word.
pub(super) fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// All characters that are not in `ranges`, which are in order.
pub(super) fn others(ranges: &[RangeInclusive<char>]) -> Vec<RangeInclusive<char>> {
    let after = |c: char| char::from_u32(u32::from(c) + 1);
    let before = |c: char| u32::from(c).checked_sub(1).and_then(char::from_u32);
    let mut others = Vec::new();
    let mut start = Some('\0');
    for range in ranges {
        if let (Some(start), Some(end)) = (start, before(*range.start())) {
            others.push(start..=end);
        }
        start = after(*range.end());
    }
    others.extend(start.map(|start| start..=LAST));
    others
}
