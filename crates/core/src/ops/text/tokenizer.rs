//! `com.microsoft.Tokenizer`: texts to their words or characters.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Tokenizer>

use std::ops::Range;

use super::regex::{Fault, Regex, Searches};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

/// The tokens around those of each text, where they are asked for.
const MARKS: (&str, &str) = ("\u{2}", "\u{3}");

struct Tokenizer {
    split: Split,
    /// Shorter tokens are left out.
    least: usize,
    pad: String,
    mark: bool,
}

enum Split {
    Characters,
    /// What matches is a token.
    Tokens(Regex),
    /// What is between matches is a token; what the first expression leaves is
    /// split by the second one, and so on.
    Separators(Vec<Regex>),
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let least = usize::try_from(node.int_or("mincharnum", 1)?).ok().filter(|&least| least > 0);
    let least = least.ok_or_else(|| node.invalid("mincharnum: expected a number of one or more"))?;
    let split = split(node)?;
    if least > 1 && matches!(split, Split::Characters) {
        return Err(node.invalid("mincharnum: characters are not longer than one"));
    }
    let pad = node.string_or("pad_value", "#")?.to_owned();
    Ok(Box::new(Tokenizer { split, least, pad, mark: node.flag("mark", false)? }))
}

fn split(node: &Node<'_>) -> Result<Split> {
    let separators = node.strings("separators")?;
    if separators.is_empty() {
        return match node.string_or("tokenexp", "")? {
            "" => Err(node.invalid("expected separators or an expression in tokenexp")),
            "." => Ok(Split::Characters),
            expression => regex(node, expression).map(Split::Tokens),
        };
    }
    if let [separator] = separators.as_slice()
        && separator.is_empty()
    {
        return Ok(Split::Characters);
    }
    let separators = separators.iter().map(|separator| regex(node, separator));
    separators.collect::<Result<_>>().map(Split::Separators)
}

fn regex(node: &Node<'_>, expression: &str) -> Result<Regex> {
    Regex::new(expression).map_err(|fault| match fault {
        Fault::Invalid(what) => {
            node.invalid(format_args!("the expression {expression:?} is not valid: {what}"))
        }
        Fault::Unsupported(what) => {
            node.unsupported(format_args!("the expression {expression:?} is not supported: {what}"))
        }
    })
}

impl Operator for Tokenizer {
    /// Strings `[count]` or `[rows, count]`, to the tokens of each as a further
    /// dimension, filled up to the same number of tokens.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let texts = inputs.read::<String>(0)?;
        let ([_] | [_, _]) = x.shape else {
            return Err(failed(format!(
                "expected strings of one or two dimensions, got shape {:?}",
                x.shape
            )));
        };
        let mut shape = Shape::from_slice(x.shape);
        if texts.is_empty() {
            shape.truncate(x.shape.len() - 1);
            shape.push(0);
            return one(shape, TensorData::String(Vec::new()));
        }
        let (tokens, ends) = self.tokens(texts);
        let starts = || std::iter::once(&0).chain(&ends);
        let longest = starts().zip(&ends).map(|(start, end)| end - start).max().unwrap_or_default();
        let width = if longest > 0 && self.mark { longest + 2 } else { longest };
        shape.push(width);
        let mut y = scope.vec::<String>(texts.len().saturating_mul(width))?;
        for ((text, start), end) in texts.iter().zip(starts()).zip(&ends) {
            let tokens = tokens.get(*start..*end).unwrap_or_default();
            self.write(text, tokens, y.len().saturating_add(width), &mut y);
        }
        one(shape, TensorData::String(y))
    }
}

impl Tokenizer {
    /// Where the tokens of all texts lie in their texts, and for each text where
    /// its tokens end in that list.
    fn tokens(&self, texts: &[String]) -> (Vec<Range<usize>>, Vec<usize>) {
        let (mut tokens, mut ends) = (Vec::new(), Vec::with_capacity(texts.len()));
        match &self.split {
            Split::Characters => {
                for text in texts {
                    tokens.extend(text.char_indices().map(|(start, c)| start..start + c.len_utf8()));
                    ends.push(tokens.len());
                }
            }
            Split::Tokens(regex) => {
                let mut searches = regex.searches();
                for text in texts {
                    self.matches(text, &mut searches, &mut tokens);
                    ends.push(tokens.len());
                }
            }
            Split::Separators(separators) => {
                let mut searches: Vec<_> = separators.iter().map(Regex::searches).collect();
                for text in texts {
                    tokens.extend(self.between(text, &mut searches));
                    ends.push(tokens.len());
                }
            }
        }
        (tokens, ends)
    }

    /// Appends every match that is long enough.
    fn matches(&self, text: &str, searches: &mut Searches<'_>, tokens: &mut Vec<Range<usize>>) {
        let mut from = 0;
        while let Some(found) = searches.find(text, from) {
            if self.is_token(text.get(found.clone())) {
                from = found.end;
                tokens.push(found);
            } else {
                from = next(text, found.start);
            }
        }
    }

    /// What all separators leave of the text.
    fn between(&self, text: &str, searches: &mut [Searches<'_>]) -> Vec<Range<usize>> {
        let mut pieces: Vec<_> = std::iter::once(0..text.len()).collect();
        for searches in searches {
            let mut left = Vec::new();
            for piece in pieces {
                self.split_piece(text, piece, searches, &mut left);
            }
            pieces = left;
        }
        pieces
    }

    /// Appends what a separator leaves of a piece, which it knows nothing around
    /// of. As onnxruntime has it, an empty match takes a character away.
    fn split_piece(
        &self,
        text: &str,
        piece: Range<usize>,
        searches: &mut Searches<'_>,
        left: &mut Vec<Range<usize>>,
    ) {
        let base = piece.start;
        let text = text.get(piece).unwrap_or_default();
        let mut push = |range: Range<usize>| {
            if self.is_token(text.get(range.clone())) {
                left.push(base + range.start..base + range.end);
            }
        };
        let mut from = 0;
        while let Some(found) = searches.find(text, from) {
            push(from..found.start);
            from = if found.is_empty() { next(text, found.start) } else { found.end };
        }
        push(from..text.len());
    }

    fn is_token(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| text.chars().nth(self.least - 1).is_some())
    }

    /// Appends the tokens of a text, and what fills them up to `end`.
    fn write(&self, text: &str, tokens: &[Range<usize>], end: usize, y: &mut Vec<String>) {
        if y.len() == end {
            return;
        }
        y.extend(self.mark.then(|| MARKS.0.to_owned()));
        y.extend(tokens.iter().map(|token| text.get(token.clone()).unwrap_or_default().to_owned()));
        y.extend(self.mark.then(|| MARKS.1.to_owned()));
        y.resize(end, self.pad.clone());
    }
}

/// The place after the character at `position`.
fn next(text: &str, position: usize) -> usize {
    let c = text.get(position..).and_then(|rest| rest.chars().next());
    position + c.map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::ops::testing::{Case, i64s, texts};

    fn tokenizer() -> Case {
        Case::new("com.microsoft", "Tokenizer", 1)
            .int("mark", 0)
            .string("pad_value", "#")
            .int("mincharnum", 1)
    }

    fn by(expression: &str) -> Case {
        tokenizer().string("tokenexp", expression)
    }

    fn separated(separators: &[&str]) -> Case {
        tokenizer().strings("separators", separators)
    }

    /// The separators that skl2onnx has unless told.
    const USUAL: [&str; 7] = [" ", "[.]", "\\?", ",", ";", ":", "\\!"];

    fn check(case: &Case, x: &[&str], shape: &[usize], expected: &[&str]) {
        assert_eq!(case.run(&[texts(&[x.len()], x)]).unwrap(), [texts(shape, expected)]);
    }

    #[test]
    fn a_point_or_an_empty_separator_asks_for_characters() {
        let expected = ["a", "\n", "#", "#", "#", "#", "é", "1", " "];
        check(&by("."), &["a\n", "", "é1 "], &[3, 3], &expected);
        check(&separated(&[""]), &["a\n", "", "é1 "], &[3, 3], &expected);
        let expected = ["\u{2}", "a", "b", "\u{3}", "\u{2}", "\u{3}", "#", "#"];
        check(&by(".").int("mark", 1), &["ab", ""], &[2, 4], &expected);
    }

    #[test]
    fn tokens_are_what_the_expression_matches() {
        let x = ["the cat, sat_1", "on", ""];
        let expected = ["the", "cat", "sat_1", "on", "#", "#", "#", "#", "#"];
        check(&by("[a-zA-Z0-9_]+"), &x, &[3, 3], &expected);
        let marked = by("[a-zA-Z0-9_]+").int("mark", 1);
        let expected = [
            "\u{2}", "the", "cat", "sat_1", "\u{3}", "\u{2}", "on", "\u{3}", "#", "#", "\u{2}", "\u{3}", "#",
            "#", "#",
        ];
        check(&marked, &x, &[3, 5], &expected);
    }

    #[test]
    fn tokens_that_are_too_short_are_left_out() {
        check(&by("[a-z]+").int("mincharnum", 2), &["a bb c dd", "x"], &[2, 2], &["bb", "dd", "#", "#"]);
        check(&by("a|ab+").int("mincharnum", 2), &["aab abb"], &[1, 2], &["ab", "abb"]);
        let case = separated(&USUAL).int("mincharnum", 2);
        check(&case, &["Hello, w. ok?yes!  a;b"], &[1, 3], &["Hello", "ok", "yes"]);
    }

    #[test]
    fn tokens_are_what_separators_leave() {
        let expected = ["Hello", "world", "ok", "yes", "a", "b", "c"];
        check(&separated(&USUAL), &["Hello, world. ok?yes!  a;b:c"], &[1, 7], &expected);
        check(&separated(&["[0-9]+"]), &["a1b22c"], &[1, 3], &["a", "b", "c"]);
        check(&separated(&["--", "-"]), &["a--b-c---d"], &[1, 4], &["a", "b", "c", "d"]);
        check(&separated(&["^a", "^d"]), &["ab cd"], &[1, 1], &["b cd"]);
    }

    #[test]
    fn an_empty_separator_takes_a_character_away() {
        check(&separated(&["\\b"]), &["ab cd"], &[1, 2], &["b", "d"]);
        check(&separated(&["x*"]), &["axxbc"], &[1, 0], &[]);
        check(&separated(&[" ", ""]), &["a b"], &[1, 0], &[]);
    }

    #[test]
    fn there_is_nothing_where_no_text_has_a_token() {
        check(&by("[a-z]+").int("mark", 1), &["...", "!"], &[2, 0], &[]);
        check(&by("."), &["", ""], &[2, 0], &[]);
        check(&by("[a-z]+"), &[], &[0], &[]);
        let y = by("[a-z]+").run(&[texts(&[3, 0], &[])]).unwrap();
        assert_eq!(y, [texts(&[3, 0], &[])]);
    }

    #[test]
    fn tokens_are_a_further_dimension() {
        let y = by("[a-z]+").run(&[texts(&[2, 1], &["a b", "c"])]).unwrap();
        assert_eq!(y, [texts(&[2, 1, 2], &["a", "b", "c", "#"])]);
        let error = by("[a-z]+").run(&[texts(&[1, 1, 1], &["a"])]).unwrap_err();
        assert_eq!(error.message(), "expected strings of one or two dimensions, got shape [1, 1, 1]");
        let error = by("[a-z]+").run(&[i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "input 0: expected string elements, got int64");
    }

    #[test]
    fn refuses_expressions_that_it_cannot_follow() {
        let fault = |case: Case| {
            let error = case.run(&[texts(&[1], &["a"])]).unwrap_err();
            (error.kind(), error.message().to_owned())
        };
        let (kind, message) = fault(by(r"(?u)\b\w+\b"));
        assert_eq!(kind, ErrorKind::UnsupportedModel);
        let expected = r#"the expression "(?u)\\b\\w+\\b" is not supported: flags and looking around"#;
        assert_eq!(message, expected);
        let (kind, message) = fault(separated(&["a", "(b"]));
        assert_eq!(kind, ErrorKind::InvalidModel);
        assert_eq!(message, r#"the expression "(b" is not valid: a group without )"#);
    }

    #[test]
    fn refuses_attributes_that_contradict_each_other() {
        let message = |case: Case| case.run(&[texts(&[1], &["a"])]).unwrap_err().message().to_owned();
        assert_eq!(message(tokenizer()), "expected separators or an expression in tokenexp");
        let case = by(".").int("mincharnum", 2);
        assert_eq!(message(case), "mincharnum: characters are not longer than one");
        let case = by("a").int("mincharnum", 0);
        assert_eq!(message(case), "mincharnum: expected a number of one or more");
    }
}
