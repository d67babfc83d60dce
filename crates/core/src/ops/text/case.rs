//! Letters to lower or upper case, one character for one, as C's `towlower` and
//! `towupper` have it: `ß` stays as it is.

use super::case_table::{PAIRS, TO_LOWER, TO_UPPER};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl Case {
    /// Appends `text` in this case to `out`; with `ascii`, other letters stay.
    pub(super) fn write(self, text: &str, ascii: bool, out: &mut String) {
        if !ascii && !text.is_ascii() {
            return out.extend(text.chars().map(if self == Self::Lower { lower } else { upper }));
        }
        let start = out.len();
        out.push_str(text);
        let written = out.get_mut(start..).unwrap_or_default();
        match self {
            Self::Lower => written.make_ascii_lowercase(),
            Self::Upper => written.make_ascii_uppercase(),
        }
    }
}

fn lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    // Some lists of pairs that begin close to each other take turns.
    let end = PAIRS.partition_point(|&(first, ..)| first <= code);
    let near = PAIRS.get(end.saturating_sub(8)..end).unwrap_or_default();
    let pair = near.iter().find(|&&(first, count, step, _)| among(code, first, count, step));
    let other = || TO_LOWER.iter().find(|&&(from, _)| from == code).map(|&(_, to)| to);
    let to = pair.map(|&(.., distance)| code.wrapping_add_signed(distance)).or_else(other);
    to.and_then(char::from_u32).unwrap_or(c)
}

fn upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let code = u32::from(c);
    let capital = |&(first, count, step, distance): &(u32, u8, u8, i32)| {
        let capital = code.wrapping_add_signed(-distance);
        among(capital, first, count, step).then_some(capital)
    };
    let other = TO_UPPER.iter().find(|&&(from, _)| from == code).map(|&(_, to)| to);
    let to = other.or_else(|| PAIRS.iter().find_map(capital));
    to.and_then(char::from_u32).unwrap_or(c)
}

/// Whether `code` is one of `count` characters from `first` on.
fn among(code: u32, first: u32, count: u8, step: u8) -> bool {
    let offset = code.wrapping_sub(first);
    offset < u32::from(count) * u32::from(step) && (step == 1 || offset.is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(case: Case, text: &str) -> String {
        let mut out = String::new();
        case.write(text, false, &mut out);
        out
    }

    #[test]
    fn every_character_becomes_one_character() {
        assert_eq!(written(Case::Lower, "ÀÉB straße ǅ İI ΑΣ ﬀ Ω ſK"), "àéb straße ǆ ii ασ ﬀ ω ſk");
        assert_eq!(written(Case::Upper, "àéb straße ǆ ıi ας ﬀ ŉ ǰ ſ µ ÿ"), "ÀÉB STRAßE Ǆ II ΑΣ ﬀ ŉ ǰ S Μ Ÿ");
        assert_eq!(written(Case::Upper, "\u{1f80}\u{1f97}\u{1fb3}"), "\u{1f88}\u{1f9f}\u{1fbc}");
    }

    #[test]
    fn ascii_alone_has_cases_when_asked() {
        let mut out = String::new();
        Case::Lower.write("IÀ", true, &mut out);
        assert_eq!(out, "iÀ");
    }

    /// Characters that the standard library makes more than one of are in the
    /// test above.
    #[test]
    fn all_characters_are_those_of_the_standard_library() {
        let only = |chars: &mut dyn Iterator<Item = char>| (chars.next(), chars.next());
        for c in '\u{80}'..='\u{1ffff}' {
            if let (Some(expected), None) = only(&mut c.to_lowercase()) {
                assert_eq!(lower(c), expected, "{c}");
            }
            if let (Some(expected), None) = only(&mut c.to_uppercase()) {
                assert_eq!(upper(c), expected, "{c}");
            }
        }
    }
}
