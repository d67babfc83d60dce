use smallvec::SmallVec;

use crate::Result;
use crate::ops::{Node, failed};

/// What the dimensions of a tensor are called: letters, and the dimensions of an
/// ellipsis by their distance from its last.
pub(super) type Labels = SmallVec<[u8; 8]>;

/// The label of the last dimension of an ellipsis; those before it follow.
const ELLIPSIS: u8 = 128;

/// An equation, read.
#[derive(Debug, Default)]
pub(super) struct Equation {
    pub(super) terms: Vec<Term>,
    /// Without, what is there once.
    output: Option<Term>,
}

/// The letters of one tensor.
#[derive(Debug, Default)]
pub(super) struct Term {
    letters: Labels,
    /// How many of the letters are before the ellipsis, where there is one.
    ellipsis: Option<usize>,
}

impl Equation {
    pub(super) fn read(node: &Node<'_>) -> Result<Self> {
        let text: String = node.string_or("equation", "")?.split_whitespace().collect();
        let wrong = || node.invalid(format_args!("equation: expected letters, commas and ->, got {text:?}"));
        let (terms, output) = match text.split_once("->") {
            Some((terms, output)) => (terms, Some(Term::read(output).ok_or_else(wrong)?)),
            None => (text.as_str(), None),
        };
        let terms = terms.split(',').map(Term::read).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        let equation = Self { terms, output };
        match &equation.output {
            Some(output) if !equation.gives(output) => {
                Err(node.invalid(format_args!("equation: a wrong result in {text:?}")))
            }
            _ => Ok(equation),
        }
    }

    /// Whether each letter of `output` is there once, and in some tensor.
    fn gives(&self, output: &Term) -> bool {
        let known = |letter: &u8| self.terms.iter().any(|term| term.letters.contains(letter));
        let once = |letter: &u8| output.letters.iter().filter(|other| *other == letter).count() == 1;
        let ellipsis = output.ellipsis.is_none() || self.terms.iter().any(|term| term.ellipsis.is_some());
        ellipsis && output.letters.iter().all(|letter| known(letter) && once(letter))
    }

    /// The labels of the result, where the tensors have those of `terms`.
    pub(super) fn output(&self, terms: &[Labels]) -> Labels {
        let all = || terms.iter().flatten().copied();
        let dims = all().filter(|label| *label >= ELLIPSIS).map(|label| label - ELLIPSIS + 1).max();
        let dims = dims.unwrap_or_default();
        match &self.output {
            Some(output) => output.with_ellipsis(dims),
            None => {
                let mut labels = Term { letters: Labels::new(), ellipsis: Some(0) }.with_ellipsis(dims);
                let once = |letter: &u8| all().filter(|other| other == letter).count() == 1;
                labels.extend((b'A'..=b'z').filter(once));
                labels
            }
        }
    }
}

impl Term {
    fn read(text: &str) -> Option<Self> {
        let (before, after) =
            text.split_once("...").map_or((text, None), |(before, after)| (before, Some(after)));
        let letters: Labels = before.bytes().chain(after.unwrap_or_default().bytes()).collect();
        let ellipsis = after.map(|_| before.len());
        letters.iter().all(u8::is_ascii_alphabetic).then_some(Self { letters, ellipsis })
    }

    /// The labels of a tensor of `rank` dimensions.
    pub(super) fn labels(&self, rank: usize) -> Result<Labels> {
        let dims = rank.checked_sub(self.letters.len()).and_then(|dims| u8::try_from(dims).ok());
        match dims.filter(|dims| (self.ellipsis.is_some() || *dims == 0) && *dims < ELLIPSIS) {
            Some(dims) => Ok(self.with_ellipsis(dims)),
            None => {
                Err(failed(format!("expected {} dimensions, got a tensor of {rank}", self.letters.len())))
            }
        }
    }

    /// The letters, with `dims` dimensions in place of the ellipsis.
    fn with_ellipsis(&self, dims: u8) -> Labels {
        let Some(before) = self.ellipsis else { return self.letters.clone() };
        let mut labels: Labels = self.letters.iter().take(before).copied().collect();
        labels.extend((0..dims).rev().map(|place| ELLIPSIS + place));
        labels.extend(self.letters.iter().skip(before).copied());
        labels
    }
}
