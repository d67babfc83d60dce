use crate::Result;
use crate::ops::Node;

/// An equation, read.
pub(super) struct Equation {
    /// The letters of each tensor.
    pub(super) terms: [Vec<u8>; 2],
    /// Whether there is no second tensor.
    pub(super) alone: bool,
    /// The letters of the result.
    pub(super) output: Vec<u8>,
    /// Every letter once: those of the output, then those that are summed over.
    pub(super) letters: Vec<u8>,
}

impl Equation {
    pub(super) fn read(node: &Node<'_>) -> Result<Self> {
        let mut equation = node.string_or("equation", "")?.to_owned();
        equation.retain(|c| !c.is_ascii_whitespace());
        if equation.contains('.') {
            return Err(node.unsupported("equation: an ellipsis is not supported"));
        }
        let (terms, output) = equation.split_once("->").map_or((&*equation, None), |(a, b)| (a, Some(b)));
        let (a, b) = terms.split_once(',').map_or((terms, None), |(a, b)| (a, Some(b)));
        if b.is_some_and(|b| b.contains(',')) {
            return Err(node.unsupported("equation: more than two tensors are not supported"));
        }
        let all = [a, b.unwrap_or_default()].concat().into_bytes();
        if !all.iter().all(u8::is_ascii_alphabetic) {
            return Err(node.invalid(format_args!("equation: expected letters, got {equation:?}")));
        }
        let output = output.map_or_else(|| single(&all), |output| output.as_bytes().to_vec());
        let mut letters = Vec::new();
        for letter in &output {
            if !all.contains(letter) || letters.contains(letter) {
                return Err(node.invalid(format_args!("equation: a wrong result in {equation:?}")));
            }
            letters.push(*letter);
        }
        for letter in all {
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
        let terms = [a, b.unwrap_or_default()].map(|term| term.as_bytes().to_vec());
        Ok(Self { terms, alone: b.is_none(), output, letters })
    }
}

/// The result where the equation has none: the letters that are there once, in
/// alphabetical order.
fn single(all: &[u8]) -> Vec<u8> {
    let once = |letter: &u8| all.iter().filter(|other| *other == letter).count() == 1;
    let mut letters: Vec<u8> = all.iter().copied().filter(once).collect();
    letters.sort_unstable();
    letters
}
