use super::fold::Fold;
use crate::Result;
use crate::ops::Scope;
use crate::ops::math::axis::Lanes;
use crate::ops::math::number::{Number, Real};

/// What the numbers along a lane become.
#[derive(Clone, Copy)]
pub(in crate::ops::math) enum Kind {
    Sum,
    SumOfAbsolutes,
    SumOfSquares,
    Product,
    Max,
    Min,
}

impl Kind {
    /// What results of a first pass become in the next one.
    pub(super) fn of_results(self) -> Self {
        match self {
            Self::SumOfAbsolutes | Self::SumOfSquares => Self::Sum,
            other => other,
        }
    }
}

/// What is done to results at last.
#[derive(Clone, Copy)]
pub(super) enum Last {
    Nothing,
    /// By the number of elements.
    Divide,
    Root,
    Log,
}

impl Last {
    pub(super) fn apply<T: Number>(&self, results: &mut [T], count: usize) {
        match self {
            Self::Nothing => {}
            // The mean of nothing is 0, as in onnxruntime.
            Self::Divide if count == 0 => {}
            Self::Divide => results.iter_mut().for_each(|x| *x = x.divided(count)),
            Self::Root => results.iter_mut().for_each(|x| *x = x.root()),
            Self::Log => results.iter_mut().for_each(|x| *x = x.log()),
        }
    }
}

type Pass32 = fn(&[f32], &Lanes, &mut Vec<f32>);

/// A pass over float32 with a loop of its own, which what models do most has.
pub(super) fn float32(kind: Kind) -> Option<Pass32> {
    match kind {
        Kind::Sum => Some(|x, lanes, y| {
            Fold { start: Some(0.0), empty: 0.0, step: f32::plus, join: f32::plus }.lanes(x, lanes, y);
        }),
        Kind::SumOfSquares => Some(|x, lanes, y| {
            let step = |sum, x| sum + x * x;
            Fold { start: Some(0.0), empty: 0.0, step, join: f32::plus }.lanes(x, lanes, y);
        }),
        Kind::Product => Some(|x, lanes, y| {
            Fold { start: Some(1.0), empty: 1.0, step: f32::times, join: f32::times }.lanes(x, lanes, y);
        }),
        Kind::Max => Some(|x, lanes, y| {
            Fold { start: None, empty: f32::LEAST, step: more, join: more }.lanes(x, lanes, y);
        }),
        _ => None,
    }
}

/// A step from the result so far, and the join of two results.
type Step<T> = fn(T, T) -> T;

/// A pass over any numbers: one loop for all kinds.
pub(super) fn any<T: Number>(kind: Kind, x: &[T], lanes: &Lanes, y: &mut Vec<T>) {
    fold(kind).lanes(x, lanes, y);
}

/// What the numbers of one lane become.
#[cfg(feature = "networks")]
pub(in crate::ops::math) fn total<T: Number>(kind: Kind, lane: &[T]) -> T {
    fold(kind).lane(lane)
}

fn fold<T: Number>(kind: Kind) -> Fold<T, Step<T>, Step<T>> {
    let (step, join): (Step<T>, Step<T>) = match kind {
        Kind::Sum => (T::plus, T::plus),
        Kind::SumOfAbsolutes => (|sum, x| sum.plus(x.absolute()), T::plus),
        Kind::SumOfSquares => (|sum, x| sum.plus(x.times(x)), T::plus),
        Kind::Product => (T::times, T::times),
        Kind::Max => (more, more),
        Kind::Min => (less, less),
    };
    let (start, empty) = match kind {
        Kind::Sum | Kind::SumOfAbsolutes | Kind::SumOfSquares => (Some(T::ZERO), T::ZERO),
        Kind::Product => (Some(T::ONE), T::ONE),
        Kind::Max => (None, T::LEAST),
        Kind::Min => (None, T::MOST),
    };
    Fold { start, empty, step, join }
}

/// As in onnxruntime, NaN wins where it is the first number.
#[inline(always)]
fn more<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

#[inline(always)]
fn less<T: PartialOrd>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

/// A pass of `LogSumExp`.
pub(super) fn log_sum_exp<T: Real>(x: &[T], lanes: &Lanes, y: &mut Vec<T>, scope: &mut Scope) -> Result<()> {
    if lanes.size == 0 {
        y.resize(lanes.count(), T::LEAST);
    }
    let (mut x, mut buffer) = (scope.copy(x)?, scope.vec(lanes.size)?);
    lanes.each(&mut x, &mut buffer, &mut |lane| {
        let most = largest(lane);
        // What infinity is taken from is not a number.
        let shift = if most == T::LEAST || most == T::MOST { T::ZERO } else { most };
        lane.iter_mut().for_each(|x| *x = x.minus(shift).exp());
        y.push(sum(lane).log().plus(shift));
    });
    scope.keep(x);
    scope.keep(buffer);
    Ok(())
}

/// The largest number of a lane; NaN only where that is the first.
pub(in crate::ops::math) fn largest<T: Number>(lane: &[T]) -> T {
    Fold { start: None, empty: T::LEAST, step: more, join: more }.lane(lane)
}

/// The sum of a lane.
pub(in crate::ops::math) fn sum<T: Number>(lane: &[T]) -> T {
    Fold { start: Some(T::ZERO), empty: T::ZERO, step: T::plus, join: T::plus }.lane(lane)
}
