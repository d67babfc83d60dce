//! From a caller's value to an element of each type, and back in the answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{FeatureType, NotFinite};
use edgeinfer_core::{ElementType, FeatureValue, Features, Model, Prediction, Result};
use support::{assert_error, features};

fn echo(element: ElementType) -> Model {
    support::echo(element).model()
}

fn predict(element: ElementType, value: &str) -> Result<Prediction> {
    echo(element).predict(&features(&format!("[{value}]")))
}

#[test]
fn each_type_takes_its_whole_range_exactly() {
    use ElementType::{
        BFloat16, Bool, Float16, Float32, Float64, Int8, Int16, Int32, Int64, String, UInt8, UInt16, UInt32,
        UInt64,
    };
    for (element, value, answer) in [
        (Float32, "0.1", "0.1"),
        (Float32, "3.4028235e38", "3.4028235e+38"),
        (Float32, "-7", "-7.0"),
        (Float16, "0.1", "0.099975586"),
        (Float16, "65504", "65504.0"),
        (BFloat16, "0.1", "0.100097656"),
        (Float64, "0.1", "0.1"),
        (Float64, "1e300", "1e+300"),
        (Float64, "9007199254740991", "9007199254740991.0"),
        (Int8, "-128", "-128"),
        (Int8, "127", "127"),
        (Int16, "-32768", "-32768"),
        (Int16, "32767", "32767"),
        (Int32, "-2147483648", "-2147483648"),
        (Int32, "2147483647", "2147483647"),
        (Int64, "-9223372036854775808", "-9223372036854775808"),
        (Int64, "9223372036854775807", "9223372036854775807"),
        (Int64, "9007199254740993", "9007199254740993"),
        (UInt8, "255", "255"),
        (UInt16, "65535", "65535"),
        (UInt32, "4294967295", "4294967295"),
        (UInt64, "9223372036854775807", "9223372036854775807"),
        (Bool, "true", "1"),
        (Bool, "false", "0"),
        (String, r#""Bern""#, r#""Bern""#),
        (String, r#""""#, r#""""#),
    ] {
        let json = serde_json::to_string(&predict(element, value).unwrap().prediction).unwrap();
        assert_eq!(json, answer, "{element} {value}");
    }
}

#[test]
fn an_integer_type_takes_a_whole_number_that_is_written_as_a_fraction() {
    for (value, answer) in
        [("42.0", "42"), ("-0.0", "0"), ("1e3", "1000"), ("9007199254740991.0", "9007199254740991")]
    {
        let json = serde_json::to_string(&predict(ElementType::Int64, value).unwrap().prediction).unwrap();
        assert_eq!(json, answer, "{value}");
    }
}

#[test]
fn rejects_what_a_type_cannot_hold() {
    use ElementType::{Bool, Float32, Int8, Int16, Int32, Int64, String, UInt8, UInt16, UInt32, UInt64};
    for (element, value, message) in [
        (Float32, "true", "x: expected a number, got true"),
        (Int8, "128", "x: expected a whole number that fits int8, got 128"),
        (Int8, "-129", "x: expected a whole number that fits int8, got -129"),
        (Int16, "32768", "x: expected a whole number that fits int16, got 32768"),
        (Int32, "2147483648", "x: expected a whole number that fits int32, got 2147483648"),
        (Int64, "1.5", "x: expected a whole number that fits int64, got 1.5"),
        (Int64, "1e-300", "x: expected a whole number that fits int64, got 1e-300"),
        (Int64, r#""7""#, r#"x: expected a whole number that fits int64, got the string "7""#),
        (Int64, "true", "x: expected a whole number that fits int64, got true"),
        (
            Int64,
            "null",
            "x: expected a whole number that fits int64, got null; this feature has to have a value",
        ),
        (
            Int64,
            "9007199254740992.0",
            "x: expected a whole number that fits int64, below 2^53 where it is floating point, \
             got 9007199254740992",
        ),
        (
            Int64,
            "9223372036854775808",
            "x: expected a whole number that fits int64, below 2^53 where it is floating point, \
             got 9.223372036854776e18",
        ),
        (
            Int64,
            "1e300",
            "x: expected a whole number that fits int64, below 2^53 where it is floating point, got 1e300",
        ),
        (UInt8, "-1", "x: expected a whole number that fits uint8, got -1"),
        (UInt8, "256", "x: expected a whole number that fits uint8, got 256"),
        (UInt16, "65536", "x: expected a whole number that fits uint16, got 65536"),
        (UInt32, "4294967296", "x: expected a whole number that fits uint32, got 4294967296"),
        (UInt64, "-1", "x: expected a whole number that fits uint64, got -1"),
        (Bool, "1", "x: expected true or false, got 1"),
        (Bool, r#""true""#, r#"x: expected true or false, got the string "true""#),
        (Bool, "null", "x: expected true or false, got null; this feature has to have a value"),
        (String, "7", "x: expected a string, got 7"),
        (String, "7.25", "x: expected a string, got 7.25"),
        (String, "null", "x: expected a string, got null; this feature has to have a value"),
        (String, "[]", "x: expected a string, got an array"),
        (String, "{}", "x: expected a string, got an object"),
    ] {
        assert_error(predict(element, value), FeatureType, Some("features[0]"), message);
    }
}

#[test]
fn an_integer_type_takes_neither_nan_nor_infinity() {
    for (value, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity")] {
        let result = echo(ElementType::Int64).predict(&Features::from([value]));
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.place()), (NotFinite, Some("features[0]")));
        assert_eq!(error.message(), format!("x: expected a finite number, got {shown}"));
    }
}

#[test]
fn single_precision_rounds_to_the_nearest_and_refuses_what_rounds_to_infinity() {
    let largest = f64::from(f32::MAX);
    let rounded = echo(ElementType::Float32).predict(&Features::from([largest * (1.0 + 1e-9)])).unwrap();
    assert_eq!(serde_json::to_string(&rounded.prediction).unwrap(), "3.4028235e+38");
    assert_error(
        echo(ElementType::Float32).predict(&Features::from([-largest * 1.001])),
        NotFinite,
        Some("features[0]"),
        "x: -3.406226289851674e38 is beyond the range of float32 (about ±3.4e38)",
    );
}

#[test]
fn half_precision_refuses_what_rounds_to_infinity() {
    assert_error(
        echo(ElementType::Float16).predict(&Features::from([65520.0])),
        NotFinite,
        Some("features[0]"),
        "x: 65520 is beyond the range of float16 (about ±65504)",
    );
}

#[test]
fn a_value_reads_in_an_error_as_it_was_written() {
    for (value, shown) in [
        (FeatureValue::Number(0.5), "0.5"),
        (FeatureValue::Number(0.0), "0"),
        (FeatureValue::Number(1e20), "1e20"),
        (FeatureValue::Number(-1e21), "-1e21"),
        (FeatureValue::Number(f64::MAX), "1.7976931348623157e308"),
        (FeatureValue::Number(5e-324), "5e-324"),
        (FeatureValue::Integer(i64::MIN), "-9223372036854775808"),
        (FeatureValue::String("a\n\"b\"".into()), r#"the string "a\n\"b\"""#),
    ] {
        assert_eq!(value.to_string(), shown);
    }
}
