//! Letters to lower or upper case, one character for one, as C's `towlower` and
//! `towupper` have it: `ß` stays as it is.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl Case {
    /// Appends `text` in this case to `out`; with `ascii`, other letters stay.
    pub(super) fn write(self, text: &str, ascii: bool, out: &mut String) {
        out.extend(text.chars().map(|c| self.of(c, ascii)));
    }

    fn of(self, c: char, ascii: bool) -> char {
        match self {
            Self::Lower if ascii || c.is_ascii() => c.to_ascii_lowercase(),
            Self::Upper if ascii || c.is_ascii() => c.to_ascii_uppercase(),
            Self::Lower => only(c.to_lowercase()).unwrap_or(if c == 'İ' { 'i' } else { c }),
            Self::Upper => only(c.to_uppercase()).unwrap_or_else(|| with_iota(c)),
        }
    }
}

fn only(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    if chars.next().is_none() { first } else { None }
}

/// The capital letters with iota, which are one character only if the iota stays
/// beside or below them.
fn with_iota(c: char) -> char {
    let distance = match c {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => 0,
    };
    char::from_u32(u32::from(c) + distance).unwrap_or(c)
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
}
