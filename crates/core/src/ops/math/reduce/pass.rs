use super::fold::Fold;
use crate::Result;
use crate::ops::Scope;
use crate::ops::math::axis::Lanes;
use crate::ops::math::number::{Number, Real};

/// What the numbers along a lane become.
#[derive(Clone, Copy)]
pub(super) enum Kind {
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

/// A pass over float32, with a loop of its own for what models do most.
pub(super) fn float32(kind: Kind, x: &[f32], lanes: &Lanes, y: &mut Vec<f32>) {
    let (start, empty, join) = (Some(0.0), 0.0, f32::plus);
    match kind {
        Kind::Sum => Fold { start, empty, step: f32::plus, join }.lanes(x, lanes, y),
        Kind::SumOfSquares => Fold { start, empty, step: |sum, x| sum + x * x, join }.lanes(x, lanes, y),
        _ => any(kind, x, lanes, y),
    }
}

/// A step from the result so far, and the join of two results.
type Step<T> = fn(T, T) -> T;

/// A pass over any numbers: one loop for all kinds.
pub(super) fn any<T: Number>(kind: Kind, x: &[T], lanes: &Lanes, y: &mut Vec<T>) {
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
    Fold { start, empty, step, join }.lanes(x, lanes, y);
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
        y.push(sum_of_exps(lane, shift).log().plus(shift));
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

/// The sum of `e^(x - shift)`.
pub(in crate::ops::math) fn sum_of_exps<T: Real>(lane: &[T], shift: T) -> T {
    let step = |sum: T, x: T| sum.plus(x.minus(shift).exp());
    Fold { start: Some(T::ZERO), empty: T::ZERO, step, join: T::plus }.lane(lane)
}
