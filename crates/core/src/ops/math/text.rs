//! Numbers as text and text as numbers, as onnxruntime has them: C's `%.8g`,
//! and C's `strtod` and `strtoll`, which read as far as there is a number.
//!
//! The standard library's conversions are exact for every number, and would be
//! 20 kB more to download; these calculate with powers of ten in float64. Up to
//! 10^22 those are exact, and so is the result of one step with them.

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
    let (digits, exponent) = decimal(x.abs());
    let digits = digits.to_string();
    let digits = digits.trim_end_matches('0');
    match exponent {
        _ if digits.is_empty() => text.push('0'),
        -4..0 => {
            text.push_str("0.");
            text.extend(repeat_n('0', exponent.unsigned_abs() as usize - 1));
            text.push_str(digits);
        }
        0..8 => push(&mut text, digits, exponent.unsigned_abs() as usize + 1),
        _ => {
            push(&mut text, digits, 1);
            text.push_str(if exponent < 0 { "e-" } else { "e+" });
            text.push_str(if exponent.abs() < 10 { "0" } else { "" });
            text.push_str(&exponent.abs().to_string());
        }
    }
    text
}

/// The eight significant digits of `x`, and the power of ten of the first.
fn decimal(x: f64) -> (u32, i32) {
    if x == 0.0 {
        return (0, 0);
    }
    // Not more than the power of ten: that of the power of two below `x`, or of
    // the smallest number of all.
    let mut exponent = match (x.to_bits() >> 52) as i32 {
        0 => -324,
        biased => (f64::from(biased - 1023) * std::f64::consts::LOG10_2).floor() as i32,
    };
    loop {
        let digits = scaled(x, 7 - exponent).round_ties_even();
        if digits < 1e8 {
            return (digits as u32, exponent);
        }
        exponent += 1;
    }
}

/// `x` times ten to the `power`.
fn scaled(mut x: f64, mut power: i32) -> f64 {
    /// The largest power of ten that float64 holds.
    const EXACT: i32 = 22;
    while power > EXACT && x != 0.0 && x.is_finite() {
        x *= 1e22;
        power -= EXACT;
    }
    while power < -EXACT && x != 0.0 {
        x /= 1e22;
        power += EXACT;
    }
    let factor = 10f64.powi(power.clamp(-EXACT, EXACT).abs());
    if power < 0 { x / factor } else { x * factor }
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

/// The number at the beginning of `text`: the nearest float64 where it has up to
/// 15 digits and an everyday size, otherwise one within 1e-14 of it relatively.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where there
/// is none, or one beyond float64. Hexadecimal numbers are not read.
pub(super) fn parse_float(text: &str) -> Result<f64> {
    let start = text.trim_ascii_start();
    let sign = usize::from(start.starts_with(['+', '-']));
    let size = start.get(sign..).unwrap_or_default();
    let size = size.get(..float_length(size.as_bytes())).unwrap_or_default();
    let number = match size.bytes().next() {
        Some(b'i' | b'I') => Some(f64::INFINITY),
        Some(b'n' | b'N') => Some(f64::NAN),
        Some(_) => parse_size(size).filter(|x| x.is_finite()),
        None => None,
    };
    let number = number.ok_or_else(|| no_number(text))?;
    Ok(if start.starts_with('-') { -number } else { number })
}

/// Digits, perhaps with a point and an exponent.
fn parse_size(size: &str) -> Option<f64> {
    /// What still has room for a digit.
    const ROOM: u64 = u64::MAX / 10 - 1;
    let (digits, exponent) = size.split_once(['e', 'E']).unwrap_or((size, "0"));
    let mut power = exponent.parse::<i32>().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut number = 0u64;
    for (digits, is_fraction) in [(whole, false), (fraction, true)] {
        for digit in digits.bytes() {
            let fits = number < ROOM;
            if fits {
                number = number * 10 + u64::from(digit - b'0');
            }
            power = power.saturating_add(i32::from(!fits) - i32::from(is_fraction));
        }
    }
    Some(scaled(number as f64, power))
}

/// The length of the number without a sign at the beginning of `text`, 0 where
/// there is none.
fn float_length(text: &[u8]) -> usize {
    for name in ["infinity", "inf", "nan"] {
        if text.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes())) {
            return name.len();
        }
    }
    if matches!(text, [b'0', b'x' | b'X', ..]) {
        return 0;
    }
    let whole = digits(text);
    let fraction = match text.get(whole..) {
        Some([b'.', rest @ ..]) => 1 + digits(rest),
        _ => 0,
    };
    let exponent = match text.get(whole + fraction..) {
        Some([b'e' | b'E', b'+' | b'-', rest @ ..]) if digits(rest) > 0 => 2 + digits(rest),
        Some([b'e' | b'E', rest @ ..]) if digits(rest) > 0 => 1 + digits(rest),
        _ => 0,
    };
    if whole + fraction.saturating_sub(1) == 0 { 0 } else { whole + fraction + exponent }
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
            ("0.1", 0.1),
            ("007.25", 7.25),
            ("123.456789012345", 123.456789012345),
            ("-0.0", -0.0),
            ("1e-400", 0.0),
            ("0e2147483647", 0.0),
            ("1e-99999", 0.0),
        ] {
            assert_eq!(parse_float(text).unwrap(), expected, "{text}");
        }
        assert!(parse_float("NaN").unwrap().is_nan());
        for text in ["", " ", ".", "-", "abc", "true", "e5", "1e400", "1e99999999999", "0x10", "٣"] {
            assert!(parse_float(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_long_numbers_nearly_as_they_are() {
        for text in [
            "0.30000000000000004",
            "12345678901234567890123456789",
            "1.7976931348623157e308",
            "2.2250738585072014e-308",
            "0.00000000000000000000000000000000000000000000000012345678901234567890",
            "6.02214076e+23",
        ] {
            let expected: f64 = text.parse().unwrap();
            let error = (parse_float(text).unwrap() - expected).abs();
            assert!(error <= 1e-14 * expected, "{text}: {error:e}");
        }
    }

    #[test]
    fn writes_what_the_standard_library_writes() {
        let mut bits = 1u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            for x in [f64::from_bits(bits), f64::from(f32::from_bits((bits >> 32) as u32))] {
                if x.is_finite() {
                    let (digits, exponent) = decimal(x.abs());
                    let written = format!("{digits}e{}", exponent - 7);
                    let expected: f64 = format!("{:.7e}", x.abs()).parse().unwrap();
                    assert_eq!(written.parse::<f64>().unwrap(), expected, "{x:e}");
                }
            }
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
