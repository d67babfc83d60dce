//! Branches without negations.

use super::trees::{Branch, Test, Than};

/// What a branch asks in the packed form, where there is no negation: the
/// children of one are the other way round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) test: Positive,
    pub(super) feature: u32,
    /// Whether missing numbers take the first child.
    pub(super) missing: bool,
    pub(super) children: [usize; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Positive {
    LessOrEqual(f64),
    Less(f64),
    Equal(f64),
    Member { set: Vec<f64>, whole: bool },
}

impl Step {
    pub(super) fn of(branch: &Branch) -> Self {
        let Branch { feature, missing, yes, no, .. } = *branch;
        let (straight, turned) = ([yes, no], [no, yes]);
        let never = Positive::Member { set: Vec::new(), whole: false };
        let (test, missing, children) = match branch.test {
            // NaN is no less and no more than anything.
            Test::NotEqual(value) if value.is_nan() => (never, false, turned),
            Test::Than(_, value) | Test::Equal(value) if value.is_nan() => (never, missing, straight),
            Test::Than(Than::LessOrEqual, value) => (Positive::LessOrEqual(value), missing, straight),
            Test::Than(Than::Less, value) => (Positive::Less(value), missing, straight),
            Test::Than(Than::Greater, value) => (Positive::LessOrEqual(value), !missing, turned),
            Test::Than(Than::GreaterOrEqual, value) => (Positive::Less(value), !missing, turned),
            Test::Equal(value) => (Positive::Equal(value), missing, straight),
            // A missing number is equal to none.
            Test::NotEqual(value) => (Positive::Equal(value), false, turned),
            Test::Member { ref set, whole } => {
                (Positive::Member { set: set.clone(), whole }, missing, straight)
            }
        };
        Self { test, feature, missing, children }
    }
}
