use crate::Result;
use crate::ops::Node;

/// An equation, read.
#[derive(Default)]
pub(super) struct Equation {
    /// The letters of each tensor; none for a second one that is not there.
    pub(super) a: Vec<u8>,
    pub(super) b: Vec<u8>,
    /// The letters of the result.
    pub(super) output: Vec<u8>,
    /// Every letter once: those of the output, then those that are summed over.
    pub(super) letters: Vec<u8>,
    /// The number of tensors.
    pub(super) tensors: usize,
}

impl Equation {
    pub(super) fn read(node: &Node<'_>) -> Result<Self> {
        let text = node.string_or("equation", "")?;
        let mut equation = Self { tensors: 1, ..Self::default() };
        let (mut before, mut has_output) = (b' ', false);
        for byte in text.bytes().filter(|byte| *byte != b' ') {
            match byte {
                b',' if equation.tensors == 1 && !has_output => equation.tensors = 2,
                b'-' if !has_output => has_output = true,
                b'>' if before == b'-' => {}
                b'.' => return Err(node.unsupported("equation: an ellipsis is not supported")),
                b',' => return Err(node.unsupported("equation: more than two tensors are not supported")),
                _ if byte.is_ascii_alphabetic() && before != b'-' => equation.push(byte, has_output),
                _ => return Err(node.invalid(format_args!("equation: expected letters, got {text:?}"))),
            }
            before = byte;
        }
        if before != b'-' && equation.order(has_output) {
            Ok(equation)
        } else {
            Err(node.invalid(format_args!("equation: a wrong result in {text:?}")))
        }
    }

    fn push(&mut self, letter: u8, output: bool) {
        match (output, self.tensors) {
            (true, _) => self.output.push(letter),
            (false, 1) => self.a.push(letter),
            (false, _) => self.b.push(letter),
        }
    }

    /// Fills `letters`, and `output` where the equation has none: with those
    /// that are there once, in alphabetical order. False where a letter of the
    /// output is there twice or in no tensor.
    fn order(&mut self, has_output: bool) -> bool {
        let mut summed = Vec::new();
        for letter in b'A'..=b'z' {
            let within = |term: &[u8]| term.iter().filter(|other| **other == letter).count();
            match (within(&self.a) + within(&self.b), within(&self.output)) {
                (1, 0) if !has_output => self.output.push(letter),
                (0, 0) | (1.., 1) => {}
                (1.., 0) => summed.push(letter),
                _ => return false,
            }
        }
        self.letters.extend_from_slice(&self.output);
        self.letters.append(&mut summed);
        true
    }
}
