//! `StringSplit`: the parts of texts between delimiters.
//! <https://onnx.ai/onnx/operators/onnx__StringSplit.html>

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::{Result, Shape, Tensor, TensorData, Value};

struct StringSplit {
    /// Without, white space of any length.
    delimiter: Option<String>,
    /// No text has more parts.
    most: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let delimiter = node.string_or("delimiter", "")?;
    let splits = node.int("maxsplit")?.map_or(Ok(usize::MAX), usize::try_from);
    Ok(Box::new(StringSplit {
        delimiter: Some(delimiter.to_owned()).filter(|delimiter| !delimiter.is_empty()),
        // As in Python, a negative number is no limit.
        most: splits.unwrap_or(usize::MAX).saturating_add(1),
    }))
}

impl Operator for StringSplit {
    /// The parts, with empty texts where another text has more, and how many there
    /// are.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, texts) = (inputs.tensor(0)?.shape, inputs.read::<String>(0)?);
        let mut counts = scope.vec(texts.len())?;
        let mut longest = 0;
        for text in texts {
            let count = self.parts(text).count();
            longest = longest.max(count);
            counts.push(count as i64);
        }
        let total = longest.checked_mul(texts.len()).ok_or_else(|| failed("there are too many parts"))?;
        let mut all = scope.vec(total)?;
        for text in texts {
            let end = all.len() + longest;
            all.extend(self.parts(text).map(str::to_owned));
            all.resize(end, String::new());
        }
        let mut parts_shape = Shape::from_slice(shape);
        parts_shape.push(longest);
        let parts = Tensor::new(parts_shape, TensorData::String(all))?;
        let counts = Tensor::new(shape, TensorData::Int64(counts))?;
        Ok(Outputs::from_iter([parts, counts].map(Value::Tensor)))
    }
}

impl StringSplit {
    fn parts<'a>(&'a self, text: &'a str) -> Parts<'a> {
        Parts { delimiter: self.delimiter.as_deref(), left: self.most, rest: Some(text) }
    }
}

/// The parts of a text, one by one.
struct Parts<'a> {
    delimiter: Option<&'a str>,
    /// How many more there may be.
    left: usize,
    rest: Option<&'a str>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut rest = self.rest.take()?;
        if self.delimiter.is_none() {
            rest = rest.trim_start();
            if rest.is_empty() {
                return None;
            }
        }
        self.left = self.left.saturating_sub(1);
        let split = match self.delimiter {
            _ if self.left == 0 => None,
            Some(delimiter) => rest.split_once(delimiter),
            None => rest.split_once(char::is_whitespace),
        };
        let (part, after) = split.map_or((rest, None), |(part, after)| (part, Some(after)));
        self.rest = after;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn split(case: Case, x: &[&str]) -> [Tensor; 2] {
        case.run(&[texts(&[x.len()], x)]).unwrap().try_into().unwrap()
    }

    fn case() -> Case {
        Case::new("", "StringSplit", 20)
    }

    #[test]
    fn splits_at_every_delimiter() {
        let [parts, counts] = split(case().string("delimiter", "."), &["abc.com", "a..b.", ""]);
        assert_eq!(parts, texts(&[3, 4], &["abc", "com", "", "", "a", "", "b", "", "", "", "", ""]));
        assert_eq!(counts, i64s(&[3], &[2, 4, 1]));
    }

    #[test]
    fn without_a_delimiter_it_is_white_space() {
        for case in [case(), case().string("delimiter", "")] {
            let [parts, counts] = split(case, &["hello world !", "  hello   world ", " "]);
            let expected = ["hello", "world", "!", "hello", "world", "", "", "", ""];
            assert_eq!(parts, texts(&[3, 3], &expected));
            assert_eq!(counts, i64s(&[3], &[3, 2, 0]));
        }
    }

    #[test]
    fn leaves_the_rest_after_as_many_splits_as_told() {
        let [parts, counts] = split(case().string("delimiter", ",").int("maxsplit", 1), &["a,b,c", "d"]);
        assert_eq!(parts, texts(&[2, 2], &["a", "b,c", "d", ""]));
        assert_eq!(counts, i64s(&[2], &[2, 1]));
        let [parts, _] = split(case().int("maxsplit", 1), &[" a  b  c "]);
        assert_eq!(parts, texts(&[1, 2], &["a", "b  c "]));
        let [parts, _] = split(case().int("maxsplit", 0), &["a b"]);
        assert_eq!(parts, texts(&[1, 1], &["a b"]));
    }

    #[test]
    fn nothing_has_no_parts() {
        let y = case().run(&[texts(&[2, 0], &[])]).unwrap();
        assert_eq!(y, [texts(&[2, 0, 0], &[]), i64s(&[2, 0], &[])]);
        assert!(case().run(&[f32s(&[1], &[1.0])]).is_err());
    }
}
