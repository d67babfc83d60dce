//! Rows of nothing but numbers, as a host with numbers at hand gives them.

use super::Columns;
use crate::{FeatureValue, Features, Result, TensorData, Value, Values};

impl Columns {
    /// The number of features in a row.
    pub(in crate::bind) fn width(&self) -> usize {
        self.features.len()
    }

    /// The inputs for rows of `numbers`, one after the other, where they can be
    /// taken as they are: all of them finite, for one input of floating-point
    /// numbers. `None` where [`Columns::bind`] has to convert or refuse.
    pub(in crate::bind) fn bind_numbers(&self, numbers: &[f64]) -> Option<Result<Values>> {
        let [input] = self.inputs.as_slice() else { return None };
        let rows = numbers.len().checked_div(input.width)?;
        let mut data = input.buffer(rows).ok()?;
        match &mut data {
            TensorData::Float32(values) => self.scatter(numbers, values, |number| number as f32)?,
            TensorData::Float64(values) => self.scatter(numbers, values, |number| number)?,
            _ => return None,
        }
        let tensor = input.tensor(rows, data);
        Some(tensor.map(|tensor| Values::from_iter([Value::Tensor(tensor)])))
    }

    /// Puts each number of each row into its feature's column.
    fn scatter<T: Copy + Into<f64>>(
        &self,
        numbers: &[f64],
        values: &mut [T],
        convert: impl Fn(f64) -> T,
    ) -> Option<()> {
        let width = self.width();
        for (numbers, row) in numbers.chunks_exact(width).zip(values.chunks_exact_mut(width)) {
            for (slot, &number) in self.features.iter().zip(numbers) {
                let value = convert(number);
                if !value.into().is_finite() {
                    return None;
                }
                *row.get_mut(slot.column)? = value;
            }
        }
        Some(())
    }
}

/// Rows of `numbers` as features that [`Columns::bind`] takes.
pub(in crate::bind) fn features(numbers: &[f64], width: usize) -> Vec<Features> {
    let row = |row: &[f64]| Features::Positional(row.iter().copied().map(FeatureValue::Number).collect());
    numbers.chunks(width.max(1)).map(row).collect()
}
