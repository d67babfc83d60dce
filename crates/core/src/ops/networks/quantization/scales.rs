//! Scales and zero points as inputs give them, and what is done with them.

use std::borrow::Cow;

use edgeinfer_kernels::{Quantization, Quantum, dequantize, dequantize_each, quantize, quantize_each};

use super::granularity::Granularity;
use crate::native::Native;
use crate::ops::numbers::{floats, from_floats};
use crate::ops::{Scope, failed};
use crate::small::Rounding;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, SmallType, TensorData};

/// The scales and zero points of a tensor.
pub(super) struct Scales<'a> {
    scales: Cow<'a, [f32]>,
    /// As many as there are scales.
    zeros: Cow<'a, [f32]>,
    granularity: Granularity,
}

/// What is done with a run of X and Y, and its one scale and zero point or as
/// many as the run has elements.
type OnRun<'a, X, Y> = dyn FnMut(&[X], &[f32], &[f32], &mut [Y]) + 'a;

impl<'a> Scales<'a> {
    /// Of elements that `granularity` spreads them over.
    pub(super) fn new(
        scale: &TensorRef<'a>,
        zero: Option<&TensorRef<'a>>,
        granularity: Granularity,
        scope: &mut Scope,
    ) -> Result<Self> {
        let scales = floats(scale, scope)?;
        let zeros = match zero {
            Some(zero) => floats(zero, scope)?,
            None => Cow::Owned(scope.zeros(scales.len())?),
        };
        if zeros.len() != scales.len() {
            let (scales, zeros) = (scales.len(), zeros.len());
            return Err(failed(format!("{scales} scales, but {zeros} zero points")));
        }
        Ok(Self { scales, zeros, granularity })
    }

    /// One scale, and one zero point where it is given, for all of `count`
    /// elements.
    pub(super) fn single(
        scale: &TensorRef<'a>,
        zero: Option<&TensorRef<'a>>,
        count: usize,
        scope: &mut Scope,
    ) -> Result<Self> {
        if scale.len() != 1 {
            return Err(failed(format!("expected one scale, got {}", scale.len())));
        }
        Self::new(scale, zero, Granularity::whole(count), scope)
    }

    /// Gives the buffers back.
    pub(super) fn keep(self, scope: &mut Scope) {
        scope.keep_cow(self.scales);
        scope.keep_cow(self.zeros);
    }

    /// The numbers that `x` stands for.
    pub(super) fn dequantized(&self, x: &TensorRef<'_>, scope: &mut Scope) -> Result<Vec<f32>> {
        match x.data {
            DataRef::Int8(x) => self.numbers(x, scope),
            DataRef::UInt8(x) => self.numbers(x, scope),
            _ => {
                let x = floats(x, scope)?;
                let y = self.numbers(&x, scope);
                scope.keep_cow(x);
                y
            }
        }
    }

    fn numbers<Q: Copy + Into<f32>>(&self, x: &[Q], scope: &mut Scope) -> Result<Vec<f32>> {
        let mut y = scope.zeros(x.len())?;
        self.each(x, &mut y, &mut |x, scales, zeros, y| match (scales, zeros) {
            ([scale], [zero]) => dequantize(x, *scale, *zero, y),
            _ => dequantize_each(x, scales, zeros, y),
        });
        Ok(y)
    }

    /// `x` as elements of `element`; `saturate` is whether what is beyond the
    /// largest floating-point number of 8 bits becomes that number.
    pub(super) fn quantized(
        &self,
        x: &[f32],
        element: ElementType,
        saturate: bool,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        match (element, SmallType::of(element)) {
            (ElementType::Int8, _) => self.quanta(x, -128.0, 127.0, scope).map(TensorData::Int8),
            (ElementType::UInt8, _) => self.quanta(x, 0.0, 255.0, scope).map(TensorData::UInt8),
            (ElementType::Int16, _) => self.quanta(x, -32768.0, 32767.0, scope).map(TensorData::Int16),
            (ElementType::UInt16, _) => self.quanta(x, 0.0, 65535.0, scope).map(TensorData::UInt16),
            (_, Some(small)) => match small {
                SmallType::Int4 => self.small(small, x, -8.0, 7.0, scope),
                SmallType::UInt4 => self.small(small, x, 0.0, 15.0, scope),
                SmallType::Int2 => self.small(small, x, -2.0, 1.0, scope),
                SmallType::UInt2 => self.small(small, x, 0.0, 3.0, scope),
                _ => self.floats(x, element, saturate, scope),
            },
            (other, None) => Err(failed(format!("numbers cannot be quantised to {other}"))),
        }
    }

    fn quanta<Q>(&self, x: &[f32], low: f32, high: f32, scope: &mut Scope) -> Result<Vec<Q>>
    where
        Q: Quantum + Native,
    {
        let mut y = scope.zeros::<Q>(x.len())?;
        self.each(x, &mut y, &mut |x, scales, zeros, y| match (scales, zeros) {
            (&[scale], &[zero]) => quantize(x, Quantization { scale, zero, low, high }, y),
            _ => quantize_each(x, scales, zeros, Quantization { scale: 1.0, zero: 0.0, low, high }, y),
        });
        Ok(y)
    }

    /// Integers of fewer than 8 bits: negative ones have the bytes of int8.
    fn small(
        &self,
        small: SmallType,
        x: &[f32],
        low: f32,
        high: f32,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        Ok(TensorData::Small(small, self.quanta(x, low, high, scope)?))
    }

    /// Floating-point numbers of 8 bits and fewer, which round by themselves.
    fn floats(
        &self,
        x: &[f32],
        element: ElementType,
        saturate: bool,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let mut y = scope.zeros(x.len())?;
        self.each(x, &mut y, &mut |x, scales, zeros, y| {
            let scales = scales.iter().zip(zeros).cycle();
            for ((y, x), (scale, zero)) in y.iter_mut().zip(x).zip(scales) {
                *y = x / scale + zero;
            }
        });
        from_floats(y, element, Rounding { saturate, ..Rounding::default() }, scope)
    }

    /// Gives each run of `x` and `y` to `f`.
    fn each<X, Y>(&self, x: &[X], y: &mut [Y], f: &mut OnRun<'_, X, Y>) {
        let mut rest = y;
        self.granularity.each(&mut |run| {
            let (y, after) = std::mem::take(&mut rest).split_at_mut_checked(run.length).unwrap_or_default();
            rest = after;
            let scales = run.scale..run.scale + if run.step == 0 { 1 } else { run.length };
            let x = x.get(run.start..).and_then(|x| x.get(..run.length)).unwrap_or_default();
            let part = |all| <[f32]>::get(all, scales.clone()).unwrap_or_default();
            f(x, part(&self.scales), part(&self.zeros), y);
        });
    }
}
