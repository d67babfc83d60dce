//! Room in memory that the package writes into. One for all models, so that it
//! is there whatever becomes of a model meanwhile.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

thread_local! {
    static NUMBERS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The address of room for at least `length` float64. It stays until more is
/// asked for.
#[wasm_bindgen]
#[must_use]
pub fn numbers(length: usize) -> usize {
    NUMBERS.with_borrow_mut(|numbers| grown(numbers, length))
}

/// As [`numbers`], for bytes of text.
#[wasm_bindgen]
#[must_use]
pub fn text(length: usize) -> usize {
    TEXT.with_borrow_mut(|text| grown(text, length))
}

/// Works on the first `length` numbers; `None` where there are fewer.
pub(crate) fn with_numbers<T>(length: usize, work: impl FnOnce(&[f64]) -> Option<T>) -> Option<T> {
    NUMBERS.with_borrow(|numbers| numbers.get(..length).and_then(work))
}

/// Works on the first strings of the text, one for each of `ends`; `None` where
/// one of them is not within it.
pub(crate) fn with_strings(ends: &[f64], mut work: impl FnMut(usize, &str)) -> Option<()> {
    TEXT.with_borrow(|text| {
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            let end = end as usize;
            work(index, str::from_utf8(text.get(start..end)?).ok()?);
            start = end;
        }
        Some(())
    })
}

fn grown<T: Clone + Default>(room: &mut Vec<T>, length: usize) -> usize {
    if room.len() < length {
        room.resize(length, T::default());
    }
    room.as_ptr() as usize
}
