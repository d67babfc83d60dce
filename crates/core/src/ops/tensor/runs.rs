//! Moving elements, whatever their type: where they come from is worked out
//! first, the same for all types; then they are copied.

use super::bits::{Bits, Places, moving, places};
use crate::native::Native;
use crate::ops::{Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Error, Result, TensorData};

/// The start of a run that is nowhere in the source.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// No tensor of strings that a step makes has more text, in bytes.
const LONGEST_TEXT: usize = 1 << 30;

/// Runs shorter than this are copied element by element: a call of `memcpy`
/// costs more.
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
    let out = places(source, runs.total(), scope)?;
    gathered_into(out, source, runs, scope)
}

/// As [`gathered`], into `out`, where a run that is nowhere leaves what is there.
pub(crate) fn gathered_into(
    mut out: TensorData,
    source: DataRef<'_>,
    runs: Runs,
    scope: &mut Scope,
) -> Result<TensorData> {
    check(source, &runs)?;
    moving!(source, &mut out, |source, places| runs.copy(source, places));
    scope.keep(runs.starts);
    Ok(out)
}

/// The only element of a tensor, which an error calls `what`.
pub(crate) fn scalar<T: Native>(tensor: &TensorRef<'_>, what: &str) -> Result<T> {
    match tensor.read::<T>() {
        Some([value]) => Ok(value.clone()),
        _ => Err(no_scalar(tensor, what, T::TYPE)),
    }
}

#[cold]
fn no_scalar(tensor: &TensorRef<'_>, what: &str, expected: ElementType) -> Error {
    let (got, length) = (tensor.element_type(), tensor.len());
    failed(format!("{what}: expected one {expected} element, got {length} of type {got}"))
}

fn check(source: DataRef<'_>, runs: &Runs) -> Result<()> {
    if source.len() >= NOWHERE as usize {
        return Err(failed("a tensor of more than four billion elements"));
    }
    match source {
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

    fn copy<T: Clone>(&self, source: &[T], out: &mut [T]) {
        match (self.length, self.step) {
            (0, _) => {}
            (1, _) => {
                for (place, &start) in out.iter_mut().zip(&self.starts) {
                    if let Some(value) = source.get(start as usize) {
                        place.clone_from(value);
                    }
                }
            }
            (SHORT.., 1) => {
                for (run, &start) in out.chunks_exact_mut(self.length).zip(&self.starts) {
                    let values = source.get(start as usize..).and_then(|values| values.get(..run.len()));
                    if let Some(values) = values {
                        run.clone_from_slice(values);
                    }
                }
            }
            _ => {
                for (run, &start) in out.chunks_exact_mut(self.length).zip(&self.starts) {
                    let mut at = start as usize;
                    for place in run {
                        if let Some(value) = source.get(at) {
                            place.clone_from(value);
                        }
                        at = at.wrapping_add_signed(self.step);
                    }
                }
            }
        }
    }
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
