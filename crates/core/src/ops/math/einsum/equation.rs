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
        if !has_output {
            equation.output = (b'A'..=b'z').filter(|letter| equation.count(*letter) == 1).collect();
        }
        for letter in equation.output.iter().chain(&equation.a).chain(&equation.b) {
            if !equation.letters.contains(letter) {
                equation.letters.push(*letter);
            }
        }
        let once = |letter: &u8| equation.output.iter().filter(|other| *other == letter).count() == 1;
        let right = equation.output.iter().all(|letter| equation.count(*letter) > 0 && once(letter));
        if right {
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

    /// How often a letter is there in the tensors.
    fn count(&self, letter: u8) -> usize {
        self.a.iter().chain(&self.b).filter(|other| **other == letter).count()
    }
}
