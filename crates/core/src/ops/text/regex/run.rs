use std::ops::Range;

use super::{Class, Term};

/// One character of a class, or as many as there are: most separators, and most
/// expressions for words.
pub(super) struct Run {
    class: Class,
    /// One or more.
    least: usize,
    endless: bool,
}

impl Run {
    /// `None` for other expressions.
    pub(super) fn of(term: &Term) -> Option<Self> {
        match term {
            Term::Class(class) => Some(Self { class: class.clone(), least: 1, endless: false }),
            Term::Repeat { term, least: least @ 1.., most: None } => match &**term {
                Term::Class(class) => Some(Self { class: class.clone(), least: *least, endless: true }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let mut chars = text.get(from..)?.char_indices().map(|(offset, c)| (from + offset, c));
        loop {
            let (start, first) = chars.find(|(_, c)| self.class.contains(*c))?;
            if !self.endless {
                return Some(start..start + first.len_utf8());
            }
            let mut count = 1;
            let end = chars.find(|(_, c)| {
                let inside = self.class.contains(*c);
                count += usize::from(inside);
                !inside
            });
            if count >= self.least {
                return Some(start..end.map_or(text.len(), |(end, _)| end));
            }
            end?;
        }
    }
}
