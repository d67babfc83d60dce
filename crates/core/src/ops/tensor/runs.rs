//! Moving elements, whatever their type: where they come from is worked out
//! first, the same for all types; then they are copied.

use edgeinfer_kernels::Element;

use super::bits::{Bits, Places, moving, places};
use crate::native::Native;
use crate::ops::{Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Error, Result, TensorData};

/// The start of a run that is nowhere in the source.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// No tensor of strings that a step makes has more text, in bytes.
const LONGEST_TEXT: usize = 1 << 30;

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
    let mut out = places(source, runs.total(), scope)?;
    check(source, &runs)?;
    let Runs { starts, length, step } = runs;
    moving!(source, &mut out, |source, places| Element::gather(source, &starts, length, step, places));
    scope.keep(starts);
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
            let mut total = 0;
            for &start in &runs.starts {
                let mut place = start as usize;
                for _ in 0..runs.length {
                    total = text_grows(total, texts.get(place).map_or(0, String::len))?;
                    place = place.wrapping_add_signed(runs.step);
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Checks that all texts of `tensors` fit into one tensor.
pub(crate) fn text_fits(tensors: &[TensorRef<'_>]) -> Result<()> {
    let mut texts = tensors.iter().filter_map(TensorRef::read).flatten();
    texts.try_fold(0, |total, text: &String| text_grows(total, text.len())).map(|_| ())
}

/// What the texts of a tensor, `total` bytes so far, come to with another one of
/// `length`.
pub(crate) fn text_grows(total: usize, length: usize) -> Result<usize> {
    let total = total.saturating_add(length);
    if total > LONGEST_TEXT { Err(failed("a tensor of strings does not fit into memory")) } else { Ok(total) }
}

impl Runs {
    /// One element for each of `starts`.
    pub(crate) fn elements(starts: Vec<u32>) -> Self {
        Self { starts, length: 1, step: 1 }
    }

    fn total(&self) -> usize {
        self.starts.len().saturating_mul(self.length)
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
}
