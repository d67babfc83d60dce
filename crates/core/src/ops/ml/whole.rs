/// The whole part of `x`. What int64 does not hold becomes its least number, as
/// on the processors that onnxruntime runs on.
pub(super) fn whole(x: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&x) { x as i64 } else { i64::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_too_large_become_the_least() {
        assert_eq!((whole(-1.75), whole(1.75)), (-1, 1));
        assert_eq!((whole(f64::NAN), whole(f64::INFINITY), whole(1e300)), (i64::MIN, i64::MIN, i64::MIN));
        assert_eq!(whole(-9_223_372_036_854_775_808.0), i64::MIN);
    }
}
