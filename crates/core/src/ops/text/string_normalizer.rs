//! `StringNormalizer`: lower or upper case, and no stop words.
//! <https://onnx.ai/onnx/operators/onnx__StringNormalizer.html>

use super::case::Case;
use crate::ops::lookup::Lookup;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

struct StringNormalizer {
    case: Option<Case>,
    /// In lower case where `sensitive` is not set.
    stop_words: Lookup<String>,
    sensitive: bool,
    /// Whether only ASCII letters have cases.
    ascii: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let case = match node.string_or("case_change_action", "NONE")? {
        "NONE" => None,
        "LOWER" => Some(Case::Lower),
        "UPPER" => Some(Case::Upper),
        other => {
            let message = format_args!("case_change_action: expected NONE, LOWER or UPPER, got {other}");
            return Err(node.invalid(message));
        }
    };
    let sensitive = node.flag("is_case_sensitive", false)?;
    let ascii = ascii(node)?;
    let key = |word: String| if sensitive { word } else { lower(&word, ascii) };
    let stop_words = Lookup::first(node.strings("stopwords")?.into_iter().map(key).collect());
    Ok(Box::new(StringNormalizer { case, stop_words, sensitive, ascii }))
}

/// Whether the locale has no letters but ASCII ones. All others that are
/// supported agree on what is lower and upper case.
fn ascii(node: &Node<'_>) -> Result<bool> {
    let locale = node.string_or("locale", "en_US.UTF-8")?;
    if ["tr", "az"].iter().any(|language| locale.starts_with(language)) {
        return Err(node.unsupported(format_args!("locale {locale} has rules of its own for the letter i")));
    }
    Ok(matches!(locale, "C" | "POSIX"))
}

fn lower(text: &str, ascii: bool) -> String {
    let mut key = String::with_capacity(text.len());
    Case::Lower.write(text, ascii, &mut key);
    key
}

impl Operator for StringNormalizer {
    /// Strings `[count]` or `[1, count]`, one or more, to those that are no stop
    /// words; to an empty string where none is left.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (1.., [_] | [1, _]) = (x.len(), x.shape) else {
            let message = format!("expected strings of shape [count] or [1, count], got {:?}", x.shape);
            return Err(failed(message));
        };
        let x_strings = inputs.read::<String>(0)?;
        let mut y = scope.vec(x.len())?;
        y.extend(x_strings.iter().filter(|text| !self.stops(text)).map(|text| self.normalized(text)));
        if y.is_empty() {
            y.push(String::new());
        }
        let mut shape = Shape::from_slice(x.shape);
        if let Some(count) = shape.last_mut() {
            *count = y.len();
        }
        one(shape, TensorData::String(y))
    }
}

impl StringNormalizer {
    fn stops(&self, text: &str) -> bool {
        if self.stop_words.len() == 0 {
            false
        } else if self.sensitive {
            self.stop_words.get(text).is_some()
        } else {
            self.stop_words.get(lower(text, self.ascii).as_str()).is_some()
        }
    }

    fn normalized(&self, text: &str) -> String {
        let Some(case) = self.case else { return text.to_owned() };
        let mut out = String::with_capacity(text.len());
        case.write(text, self.ascii, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::ops::testing::{Case, texts};

    fn normalizer(action: &str) -> Case {
        Case::new("", "StringNormalizer", 10).string("case_change_action", action)
    }

    /// Without `monday`, whatever its case unless `sensitive`.
    fn mondays(action: &str, sensitive: bool) -> Case {
        normalizer(action).strings("stopwords", &["monday"]).int("is_case_sensitive", i64::from(sensitive))
    }

    fn week() -> crate::Tensor {
        texts(&[4], &["monday", "tuesday", "wednesday", "thursday"])
    }

    #[test]
    fn test_strnormalizer_export_monday_casesensintive() {
        let y = mondays("NONE", true).run(&[week()]).unwrap();
        assert_eq!(y, [texts(&[3], &["tuesday", "wednesday", "thursday"])]);
        let y = mondays("LOWER", true).run(&[week()]).unwrap();
        assert_eq!(y, [texts(&[3], &["tuesday", "wednesday", "thursday"])]);
        let y = mondays("UPPER", true).run(&[week()]).unwrap();
        assert_eq!(y, [texts(&[3], &["TUESDAY", "WEDNESDAY", "THURSDAY"])]);
    }

    #[test]
    fn test_strnormalizer_export_monday_empty_output() {
        let y = mondays("UPPER", true).run(&[texts(&[2], &["monday", "monday"])]).unwrap();
        assert_eq!(y, [texts(&[1], &[""])]);
    }

    #[test]
    fn test_strnormalizer_export_monday_insensintive_upper_twodim() {
        let x = texts(&[1, 6], &["Monday", "tuesday", "wednesday", "Monday", "tuesday", "wednesday"]);
        let y = mondays("UPPER", false).run(&[x]).unwrap();
        assert_eq!(y, [texts(&[1, 4], &["TUESDAY", "WEDNESDAY", "TUESDAY", "WEDNESDAY"])]);
    }

    #[test]
    fn test_strnormalizer_nostopwords_nochangecase() {
        let x = || texts(&[2], &["monday", "tuesday"]);
        let case = Case::new("", "StringNormalizer", 10).int("is_case_sensitive", 1);
        assert_eq!(case.run(&[x()]).unwrap(), [x()]);
    }

    #[test]
    fn stop_words_are_found_before_the_case_changes() {
        let case = normalizer("LOWER").strings("stopwords", &["MONDAY"]).int("is_case_sensitive", 1);
        let y = case.run(&[texts(&[3], &["Monday", "Tue", "MONDAY"])]).unwrap();
        assert_eq!(y, [texts(&[2], &["monday", "tue"])]);
        let case = normalizer("NONE").strings("stopwords", &["straße"]);
        let y = case.run(&[texts(&[2], &["STRASSE", "STRAßE"])]).unwrap();
        assert_eq!(y, [texts(&[1], &["STRASSE"])]);
    }

    #[test]
    fn the_c_locale_has_ascii_letters_alone() {
        let y = normalizer("LOWER").string("locale", "C").run(&[texts(&[1], &["IÀ"])]).unwrap();
        assert_eq!(y, [texts(&[1], &["iÀ"])]);
        let turkish = normalizer("LOWER").string("locale", "tr_TR.UTF-8");
        let error = turkish.run(&[texts(&[1], &["I"])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedModel);
    }

    #[test]
    fn refuses_other_shapes_and_actions() {
        let error = normalizer("LOWER").run(&[texts(&[2, 1], &["a", "b"])]).unwrap_err();
        let expected = "expected strings of shape [count] or [1, count], got [2, 1]";
        assert_eq!(error.message(), expected);
        assert!(normalizer("LOWER").run(&[texts(&[0], &[])]).is_err());
        let error = normalizer("TITLE").run(&[texts(&[1], &["a"])]).unwrap_err();
        let expected = "case_change_action: expected NONE, LOWER or UPPER, got TITLE";
        assert_eq!(error.message(), expected);
    }
}
