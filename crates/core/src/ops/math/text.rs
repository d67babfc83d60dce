//! Numbers as text and text as numbers, as onnxruntime has them: C's `%.8g`,
//! and C's `strtod` and `strtoll`, which read as far as there is a number.

use std::iter::repeat_n;

use crate::Result;
use crate::error::quoted;
use crate::ops::failed;

/// `x` with eight significant digits.
pub(super) fn text(x: f64) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    let mut text = if x.is_sign_negative() { "-".to_owned() } else { String::new() };
    if x.is_infinite() {
        return text + "INF";
    }
    let scientific = format!("{:.7e}", x.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent = exponent.parse().unwrap_or(0i32);
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    match exponent {
        -4..0 => {
            text.push_str("0.");
            text.extend(repeat_n('0', exponent.unsigned_abs() as usize - 1));
            text.push_str(digits);
        }
        0..8 => push(&mut text, digits, exponent.unsigned_abs() as usize + 1),
        _ => {
            push(&mut text, digits, 1);
            let sign = if exponent < 0 { '-' } else { '+' };
            text.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
        }
    }
    text
}

/// Appends `digits`, of which `whole` are before the point.
fn push(text: &mut String, digits: &str, whole: usize) {
    match digits.split_at_checked(whole) {
        Some((whole, fraction)) if !fraction.is_empty() => text.extend([whole, ".", fraction]),
        _ => {
            text.push_str(digits);
            text.extend(repeat_n('0', whole.saturating_sub(digits.len())));
        }
    }
}

/// The number at the beginning of `text`.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where there
/// is none, or one beyond float64. Hexadecimal numbers are not read.
pub(super) fn parse_float(text: &str) -> Result<f64> {
    let start = text.trim_ascii_start();
    let number = start.get(..float_length(start.as_bytes())).unwrap_or_default();
    match number.parse::<f64>() {
        Ok(x) if x.is_finite() || !number.contains(|c: char| c.is_ascii_digit()) => Ok(x),
        _ => Err(no_number(text)),
    }
}

/// The length of the number at the beginning of `text`, 0 where there is none.
fn float_length(text: &[u8]) -> usize {
    let sign = usize::from(matches!(text, [b'+' | b'-', ..]));
    let rest = text.get(sign..).unwrap_or_default();
    for name in ["infinity", "inf", "nan"] {
        if rest.get(..name.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(name.as_bytes())) {
            return sign + name.len();
        }
    }
    if matches!(rest, [b'0', b'x' | b'X', ..]) {
        return 0;
    }
    let whole = digits(rest);
    let fraction = match rest.get(whole..) {
        Some([b'.', rest @ ..]) => 1 + digits(rest),
        _ => 0,
    };
    let exponent = match rest.get(whole + fraction..) {
        Some([b'e' | b'E', b'+' | b'-', rest @ ..]) if digits(rest) > 0 => 2 + digits(rest),
        Some([b'e' | b'E', rest @ ..]) if digits(rest) > 0 => 1 + digits(rest),
        _ => 0,
    };
    if whole + fraction.saturating_sub(1) == 0 { 0 } else { sign + whole + fraction + exponent }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|c| c.is_ascii_digit()).count()
}

/// The integer at the beginning of `text`, an int64 or (`unsigned`) the bits of
/// a uint64.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where there
/// is none, or one that does not fit.
pub(super) fn parse_int(text: &str, unsigned: bool) -> Result<i64> {
    let start = text.trim_ascii_start();
    let sign = usize::from(start.starts_with(['+', '-']));
    let size = start.get(sign..).unwrap_or_default();
    let size = size.get(..digits(size.as_bytes())).unwrap_or_default();
    let size = size.parse::<u64>().map_err(|_| no_number(text))?;
    let number =
        if start.starts_with('-') { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
    match number {
        Some(number) => Ok(number),
        None if unsigned => Ok(size.cast_signed()),
        None => Err(no_number(text)),
    }
}

fn no_number(text: &str) -> crate::Error {
    failed(format!("expected a number, got {}", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_as_onnxruntime_does() {
        for (x, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.33333333"),
            (f64::from(1.0f32 / 3.0), "0.33333334"),
            (12_345_678.0, "12345678"),
            (123_456_789.0, "1.2345679e+08"),
            (99_999_999.0, "99999999"),
            (999_999_999.0, "1e+09"),
            (0.00012345678, "0.00012345678"),
            (0.0001, "0.0001"),
            (f64::from(1e-4f32), "9.9999997e-05"),
            (1e-45, "1e-45"),
            (1e100, "1e+100"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
        ] {
            assert_eq!(text(x), expected);
        }
    }

    #[test]
    fn reads_as_far_as_there_is_a_number() {
        for (text, expected) in [
            ("1", 1.0),
            (" 2", 2.0),
            ("\t-1.5abc", -1.5),
            ("+1e3", 1000.0),
            ("1e", 1.0),
            ("1e+", 1.0),
            ("5.", 5.0),
            (".5", 0.5),
            ("1_000", 1.0),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_float(text).unwrap(), expected, "{text}");
        }
        assert!(parse_float("NaN").unwrap().is_nan());
        for text in ["", " ", ".", "-", "abc", "true", "e5", "1e400", "0x10", "٣"] {
            assert!(parse_float(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_integers_of_both_kinds() {
        for (text, expected) in [("12abc", 12), (" -3", -3), ("1.9", 1), ("1e3", 1), ("+7", 7)] {
            assert_eq!(parse_int(text, false).unwrap(), expected, "{text}");
        }
        assert_eq!(parse_int("-9223372036854775808", false).unwrap(), i64::MIN);
        assert_eq!(parse_int("18446744073709551615", true).unwrap(), -1);
        assert!(parse_int("18446744073709551615", false).is_err());
        for text in ["", "-", "abc", ".5", "NaN", "99999999999999999999"] {
            assert!(parse_int(text, true).is_err(), "{text}");
        }
    }
}
