use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::error::quoted;

/// The value of one feature, as a caller gives it.
///
/// Deserialising never fails on a value of the wrong type: arrays and objects
/// are taken as such, so that the error can name the feature.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FeatureValue {
    /// No value: right for a feature that may be missing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    String(String),
    /// An array, which no feature takes.
    Array,
    /// An object, which no feature takes.
    Object,
}

/// The features of one row.
///
/// For a feature that may be missing ([`Feature::missing`](crate::Feature::missing))
/// the value may be [`FeatureValue::Null`]; one that is absent is an error, so
/// that a name that was forgotten does not pass for a missing value.
#[derive(Clone, Debug, PartialEq)]
pub enum Features {
    /// In the order of the model's features.
    Positional(Vec<FeatureValue>),
    /// By name, in any order. The entries of the map, where the model takes one.
    Named(Vec<(String, FeatureValue)>),
}

impl fmt::Display for FeatureValue {
    /// The value as an error message quotes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => f.write_str(&number(*value)),
            Self::String(value) => write!(f, "the string {}", quoted(value)),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

/// A number as JSON has it: what writes that is here anyway, where the formatting of
/// the standard library would be 18 kB more.
fn number(value: f64) -> String {
    let Some(number) = Number::from_f64(value) else {
        let infinity = if value < 0.0 { "-Infinity" } else { "Infinity" };
        return if value.is_nan() { "NaN" } else { infinity }.to_owned();
    };
    let text = number.to_string().replace('+', "");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

impl From<f64> for FeatureValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl Features {
    /// The number of values in the row.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Positional(values) => values.len(),
            Self::Named(values) => values.len(),
        }
    }
}

impl<T: Into<FeatureValue>, const N: usize> From<[T; N]> for Features {
    fn from(values: [T; N]) -> Self {
        Self::Positional(values.into_iter().map(Into::into).collect())
    }
}

impl<'de> Deserialize<'de> for FeatureValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FeatureValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Features {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FeaturesVisitor)
    }
}

struct FeatureValueVisitor;

impl<'de> Visitor<'de> for FeatureValueVisitor {
    type Value = FeatureValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a string, a boolean or null")
    }

    fn visit_bool<E>(self, value: bool) -> Result<FeatureValue, E> {
        Ok(FeatureValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<FeatureValue, E> {
        Ok(FeatureValue::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<FeatureValue, E> {
        Ok(i64::try_from(value).map_or(FeatureValue::Number(value as f64), FeatureValue::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<FeatureValue, E> {
        Ok(FeatureValue::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<FeatureValue, E> {
        Ok(FeatureValue::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<FeatureValue, E> {
        Ok(FeatureValue::String(value))
    }

    fn visit_unit<E>(self) -> Result<FeatureValue, E> {
        Ok(FeatureValue::Null)
    }

    fn visit_none<E>(self) -> Result<FeatureValue, E> {
        Ok(FeatureValue::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<FeatureValue, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FeatureValue::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FeatureValue, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(FeatureValue::Object)
    }
}

struct FeaturesVisitor;

impl<'de> Visitor<'de> for FeaturesVisitor {
    type Value = Features;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of values in the model's order, or an object by feature name")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Features, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Features::Positional(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Features, A::Error> {
        let mut values = Vec::new();
        while let Some(entry) = map.next_entry()? {
            values.push(entry);
        }
        Ok(Features::Named(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Features {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn takes_an_array_or_an_object() {
        assert_eq!(parse("[1.5]"), Features::Positional(vec![FeatureValue::Number(1.5)]));
        assert_eq!(parse(r#"{"a":1}"#), Features::Named(vec![("a".into(), FeatureValue::Integer(1))]));
    }

    #[test]
    fn keeps_values_of_the_wrong_type_for_the_error_that_names_the_feature() {
        let Features::Positional(values) = parse(r#"[null, true, "x", [1], {"y": 2}, 18446744073709551615]"#)
        else {
            panic!("not positional");
        };
        let shown: Vec<_> = values.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["null", "true", "the string \"x\"", "an array", "an object", "1.8446744073709552e19"]
        );
    }

    #[test]
    fn keeps_a_name_that_is_given_twice() {
        let Features::Named(values) = parse(r#"{"a":1,"a":2}"#) else { panic!("not named") };
        assert_eq!(values.len(), 2);
    }
}
