//! Putting elements into a copy of a tensor, or together with what is there.

use super::bits::{Bits, Places, copied, moving};
use super::runs::text_fits;
use crate::ops::numbers::{integers, ints};
use crate::ops::{Node, Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

/// What comes of an element that is there and one that is put there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ops) enum Reduction {
    None,
    Add,
    Mul,
    Max,
    Min,
}

impl Reduction {
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        match node.string_or("reduction", "none")? {
            "none" => Ok(Self::None),
            "add" => Ok(Self::Add),
            "mul" => Ok(Self::Mul),
            "max" => Ok(Self::Max),
            "min" => Ok(Self::Min),
            other => Err(node.invalid(format_args!("reduction: there is no {other:?}"))),
        }
    }
}

/// Where blocks of elements are put.
pub(in crate::ops) struct Target<'a> {
    /// The first element of each block.
    pub(in crate::ops) starts: &'a [u32],
    /// The number of elements of each block.
    pub(in crate::ops) block: usize,
    pub(in crate::ops) reduction: Reduction,
}

impl Target<'_> {
    /// A copy of `data` with the blocks of `updates`.
    pub(in crate::ops) fn put(
        &self,
        data: TensorRef<'_>,
        updates: TensorRef<'_>,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        if self.starts.len().checked_mul(self.block) != Some(updates.len()) {
            let (expected, got) = (self.starts.len().saturating_mul(self.block), updates.len());
            return Err(failed(format!("expected {expected} updates, got {got}")));
        }
        text_fits(&[data, updates])?;
        if updates.element_type() != data.element_type() {
            let (expected, got) = (data.element_type(), updates.element_type());
            return Err(failed(format!("expected updates of {expected} elements, got {got}")));
        }
        let wide = matches!(data.element_type(), ElementType::Int32 | ElementType::Int64);
        if self.reduction != Reduction::None && data.element_type().is_integer() && !wide {
            return self.put_ints(&data, &updates, scope);
        }
        let mut out = copied(data.data, scope)?;
        match (self.reduction, &mut out, updates.data) {
            (Reduction::None, out, updates) => {
                moving!(updates, out, |updates, places| self.put_with(places, updates, Clone::clone_from));
            }
            (reduction, TensorData::Float32(out), DataRef::Float32(v)) => {
                self.put_with(out, v, float32(reduction))
            }
            (reduction, TensorData::Float64(out), DataRef::Float64(v)) => {
                self.put_with(out, v, float64(reduction))
            }
            (reduction, TensorData::Int32(out), DataRef::Int32(v)) => self.put_with(out, v, int32(reduction)),
            (reduction, TensorData::Int64(out), DataRef::Int64(v)) => self.put_with(out, v, int64(reduction)),
            (reduction, ..) => {
                let got = data.element_type();
                return Err(failed(format!(
                    "the reduction {reduction:?} of {got} elements is not supported"
                )));
            }
        }
        Ok(out)
    }

    /// Integers of other types than those that have a loop of their own.
    fn put_ints(
        &self,
        data: &TensorRef<'_>,
        updates: &TensorRef<'_>,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let (wide, updates) = (ints(data, scope)?, ints(updates, scope)?);
        let mut out = scope.own(wide)?;
        self.put_with(&mut out, &updates, int64(self.reduction));
        scope.keep_cow(updates);
        integers(out.into(), data.element_type(), scope)
    }

    fn put_with<T>(&self, out: &mut [T], updates: &[T], combine: fn(&mut T, &T)) {
        for (&start, block) in self.starts.iter().zip(updates.chunks_exact(self.block.max(1))) {
            let places = out.get_mut(start as usize..).unwrap_or_default();
            places.iter_mut().zip(block).for_each(|(place, value)| combine(place, value));
        }
    }
}

macro_rules! reduction {
    ($name:ident, $type:ty, $add:expr, $mul:expr) => {
        fn $name(reduction: Reduction) -> fn(&mut $type, &$type) {
            match reduction {
                Reduction::None => |place, value| *place = *value,
                Reduction::Add => |place, value| *place = $add(*place, *value),
                Reduction::Mul => |place, value| *place = $mul(*place, *value),
                // As in onnxruntime, what is put there wins over NaN.
                Reduction::Max => |place, value| *place = if *place > *value { *place } else { *value },
                Reduction::Min => |place, value| *place = if *place < *value { *place } else { *value },
            }
        }
    };
}

reduction!(float32, f32, std::ops::Add::add, std::ops::Mul::mul);
reduction!(float64, f64, std::ops::Add::add, std::ops::Mul::mul);
reduction!(int32, i32, i32::wrapping_add, i32::wrapping_mul);
reduction!(int64, i64, i64::wrapping_add, i64::wrapping_mul);
