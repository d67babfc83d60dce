//! Moving elements, whatever their type: where they come from is worked out
//! first, the same for all types; then they are copied.

use crate::native::Native;
use crate::ops::{Scope, failed};
use crate::tensor::each;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Error, Result, TensorData};

/// The start of a run that is nowhere in the source.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// No tensor of strings that a step makes has more text, in bytes.
const LONGEST_TEXT: usize = 1 << 30;

/// Runs shorter than this are copied across, an element of each run after the
/// other: a call of `memcpy` costs more.
const SHORT: usize = 8;

/// Where the elements of a result lie in its source: runs of equal length, each
/// with the same distance from element to element.
pub(crate) struct Runs {
    /// The place of the first element of each run.
    pub(crate) starts: Vec<u32>,
    pub(crate) length: usize,
    pub(crate) step: isize,
}

/// The elements of `source` that `runs` names.
pub(crate) fn gathered(source: DataRef<'_>, runs: Runs, scope: &mut Scope) -> Result<TensorData> {
    check(source, &runs)?;
    let data = each!(DataRef, source, values => runs.of(values, Default::default(), scope));
    scope.keep(runs.starts);
    data
}

/// As [`gathered`], with the one element of `fill` where a run is nowhere.
pub(crate) fn gathered_or(
    source: DataRef<'_>,
    fill: DataRef<'_>,
    runs: Runs,
    scope: &mut Scope,
) -> Result<TensorData> {
    check(source, &runs)?;
    let data = each!(DataRef, source, values => runs.of(values, single(fill)?, scope));
    scope.keep(runs.starts);
    data
}

/// A copy of all elements.
pub(crate) fn copied(source: DataRef<'_>, scope: &mut Scope) -> Result<TensorData> {
    each!(DataRef, source, values => copy(values, scope))
}

fn copy<T: Native>(values: &[T], scope: &mut Scope) -> Result<TensorData> {
    Ok(T::wrap(scope.copy(values)?))
}

/// The only element of a tensor.
pub(crate) fn single<T: Native>(data: DataRef<'_>) -> Result<T> {
    match T::read(data) {
        Some([value]) => Ok(value.clone()),
        _ => {
            let (got, length) = (data.element_type(), data.len());
            Err(failed(format!("expected one {} element, got {length} of type {got}", T::TYPE)))
        }
    }
}

/// The only element of a tensor; an error names `what` it is.
pub(crate) fn scalar<T: Native>(tensor: &TensorRef<'_>, what: &str) -> Result<T> {
    single(tensor.data).map_err(|error| failed(format!("{what}: {}", error.message())))
}

fn check(source: DataRef<'_>, runs: &Runs) -> Result<()> {
    if source.len() >= NOWHERE as usize {
        return Err(failed("a tensor of more than four billion elements"));
    }
    match source {
        DataRef::String(_) if runs.total() > LONGEST_TEXT / size_of::<String>() => Err(too_long()),
        DataRef::String(texts) => {
            let text = |place: usize| texts.get(place).map_or(0, String::len);
            let lengths = runs.starts.iter().flat_map(|&start| {
                let places = (0..runs.length as isize).map(move |index| index.wrapping_mul(runs.step));
                places.map(move |shift| text((start as usize).wrapping_add_signed(shift)))
            });
            text_fits(lengths)
        }
        _ => Ok(()),
    }
}

/// Checks that texts of these `lengths` fit into one tensor.
pub(crate) fn text_fits(lengths: impl Iterator<Item = usize>) -> Result<()> {
    let mut total = 0usize;
    for length in lengths {
        total = total.saturating_add(length);
        if total > LONGEST_TEXT {
            return Err(too_long());
        }
    }
    Ok(())
}

fn too_long() -> Error {
    failed("a tensor of strings does not fit into memory")
}

impl Runs {
    /// One element for each of `starts`.
    pub(crate) fn elements(starts: Vec<u32>) -> Self {
        Self { starts, length: 1, step: 1 }
    }

    fn total(&self) -> usize {
        self.starts.len().saturating_mul(self.length)
    }

    fn of<T: Native>(&self, source: &[T], fill: T, scope: &mut Scope) -> Result<TensorData> {
        let mut out = scope.filled(self.total(), fill)?;
        match self.length {
            0 => {}
            1 => self.single(source, &mut out),
            2..SHORT => self.short(source, &mut out),
            _ => self.long(source, &mut out),
        }
        Ok(T::wrap(out))
    }

    fn single<T: Clone>(&self, source: &[T], out: &mut [T]) {
        for (place, &start) in out.iter_mut().zip(&self.starts) {
            if let Some(value) = source.get(start as usize) {
                *place = value.clone();
            }
        }
    }

    fn short<T: Clone>(&self, source: &[T], out: &mut [T]) {
        for index in 0..self.length {
            let shift = (index as isize).wrapping_mul(self.step);
            let places = out.iter_mut().skip(index).step_by(self.length);
            for (place, &start) in places.zip(&self.starts) {
                if let Some(value) = source.get((start as usize).wrapping_add_signed(shift)) {
                    *place = value.clone();
                }
            }
        }
    }

    fn long<T: Clone>(&self, source: &[T], out: &mut [T]) {
        let stride = self.step.unsigned_abs().max(1);
        for (run, &start) in out.chunks_exact_mut(self.length).zip(&self.starts) {
            let start = start as usize;
            let (before, after) = (source.get(..=start), source.get(start..));
            match self.step {
                0 => after.and_then(<[T]>::first).into_iter().for_each(|value| run.fill(value.clone())),
                1 => {
                    if let Some(values) = after.and_then(|values| values.get(..run.len())) {
                        run.clone_from_slice(values);
                    }
                }
                2.. => assign(run, after.unwrap_or_default().iter().step_by(stride)),
                _ => assign(run, before.unwrap_or_default().iter().rev().step_by(stride)),
            }
        }
    }
}

fn assign<'a, T: Clone + 'a>(run: &mut [T], values: impl Iterator<Item = &'a T>) {
    run.iter_mut().zip(values).for_each(|(place, value)| *place = value.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(runs: Runs) -> Result<TensorData> {
        gathered(DataRef::String(&["x".repeat(1 << 20)]), runs, &mut Scope::default())
    }

    #[test]
    fn refuses_more_text_than_fits() {
        let error = texts(Runs { starts: vec![0], length: 1 << 11, step: 0 }).unwrap_err();
        assert_eq!(error.message(), "a tensor of strings does not fit into memory");
        assert!(texts(Runs { starts: vec![0], length: 1, step: 0 }).is_ok());
    }

    #[test]
    fn runs_go_forwards_backwards_and_stand_still() {
        let source: Vec<i64> = (0..30).collect();
        let run = |starts: &[u32], length, step| {
            let runs = Runs { starts: starts.to_vec(), length, step };
            gathered(DataRef::Int64(&source), runs, &mut Scope::default()).unwrap()
        };
        let expected = |values: &[i64]| TensorData::Int64(values.to_vec());
        assert_eq!(run(&[3, 20], 2, -1), expected(&[3, 2, 20, 19]));
        assert_eq!(run(&[29], 9, -3), expected(&[29, 26, 23, 20, 17, 14, 11, 8, 5]));
        assert_eq!(run(&[1], 9, 2), expected(&[1, 3, 5, 7, 9, 11, 13, 15, 17]));
        assert_eq!(run(&[7], 8, 0), expected(&[7; 8]));
        assert_eq!(run(&[2], 8, 1), expected(&[2, 3, 4, 5, 6, 7, 8, 9]));
        assert_eq!(run(&[], 8, 1), expected(&[]));
    }
}
