//! `RegexFullMatch`: whether texts are what a regular expression says, from
//! beginning to end.
//! <https://onnx.ai/onnx/operators/onnx__RegexFullMatch.html>

use super::regex::{Fault, Regex};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct RegexFullMatch {
    regex: Regex,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let regex = Regex::new(node.string_or("pattern", "")?).map_err(|fault| match fault {
        Fault::Invalid(what) => node.invalid(format_args!("pattern: {what}")),
        Fault::Unsupported(what) => node.unsupported(format_args!("pattern: {what}")),
    })?;
    Ok(Box::new(RegexFullMatch { regex }))
}

impl Operator for RegexFullMatch {
    /// The first match is the longest one that begins there: where the whole text
    /// is a match, it is that one.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let texts = inputs.read::<String>(0)?;
        let mut searches = self.regex.searches();
        let mut matched = scope.vec(texts.len())?;
        matched.extend(texts.iter().map(|text| searches.find(text, 0) == Some(0..text.len())));
        one(inputs.tensor(0)?.shape, TensorData::Bool(matched))
    }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::ops::testing::{Case, bools, f32s, texts};

    #[test]
    fn the_whole_text_has_to_match() {
        let case = Case::new("", "RegexFullMatch", 20).string("pattern", r"www\.[\w.-]+\.\bcom\b");
        let x = texts(&[2, 2], &["www.google.com", "www.facebook.com", "www.bbc.co.uk", "xwww.a.com"]);
        assert_eq!(case.run(&[x]).unwrap(), [bools(&[2, 2], &[true, true, false, false])]);
        let case = Case::new("", "RegexFullMatch", 20).string("pattern", "a|ab");
        assert_eq!(
            case.run(&[texts(&[3], &["a", "ab", "abc"])]).unwrap(),
            [bools(&[3], &[true, true, false])]
        );
        let case = Case::new("", "RegexFullMatch", 20).string("pattern", "[0-9]+");
        assert_eq!(
            case.run(&[texts(&[3], &["12", "1 2", ""])]).unwrap(),
            [bools(&[3], &[true, false, false])]
        );
        assert_eq!(case.run(&[texts(&[0], &[])]).unwrap(), [bools(&[0], &[])]);
    }

    #[test]
    fn refuses_what_is_no_expression_and_no_text() {
        let refused = |pattern: &str| {
            let error = Case::new("", "RegexFullMatch", 20).string("pattern", pattern).run(&[]).unwrap_err();
            (error.kind(), error.message().to_owned())
        };
        assert_eq!(refused("(a"), (ErrorKind::InvalidModel, "pattern: a group without )".to_owned()));
        assert_eq!(refused("(?i)a").0, ErrorKind::UnsupportedModel);
        assert!(Case::new("", "RegexFullMatch", 20).run(&[f32s(&[1], &[1.0])]).is_err());
    }
}
