use serde::Serialize;

/// A floating-point number in the precision that the model gave it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Float {
    /// Single precision.
    Single(f32),
    /// Double precision.
    Double(f64),
}

impl Float {
    /// The number in double precision.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Single(value) => value.into(),
            Self::Double(value) => value,
        }
    }
}

/// Floating-point numbers in the precision that the model gave them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Floats {
    /// Single precision.
    Single(Vec<f32>),
    /// Double precision.
    Double(Vec<f64>),
}

impl Floats {
    /// The number of numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Single(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Float> {
        match self {
            Self::Single(values) => values.get(index).copied().map(Float::Single),
            Self::Double(values) => values.get(index).copied().map(Float::Double),
        }
    }

    /// The index of the largest number, the first where several are equal.
    /// NaN is never the largest.
    #[must_use]
    pub fn argmax(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for index in 0..self.len() {
            let Some(value) = self.get(index).map(Float::to_f64) else { continue };
            if !value.is_nan() && best.is_none_or(|(_, most)| value > most) {
                best = Some((index, value));
            }
        }
        best.map(|(index, _)| index)
    }
}

/// What a model predicts for one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Outcome {
    /// The class, where classes are integers.
    Integer(i64),
    /// The class, where classes are strings.
    Text(String),
    /// The classes, where a row has several and they are integers.
    Integers(Vec<i64>),
    /// The classes, where a row has several and they are strings.
    Texts(Vec<String>),
    /// The value of a regressor with one target.
    Number(Float),
    /// The values of a regressor with several.
    Numbers(Floats),
}

/// The answer for one row.
///
/// A regressor gives `prediction` alone. A classifier gives its class as
/// `prediction` and what the class is called as `label`; `probabilities` are in
/// the order of the model's labels and `confidence` is that of the predicted
/// class, where the model gives probabilities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The predicted class or value.
    pub prediction: Outcome,
    /// The index of the predicted class, where it is one of the model's classes.
    #[serde(skip)]
    pub class: Option<usize>,
    /// What the predicted class is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The probability of each class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Floats>,
    /// The probability of the predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Float>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_numbers_is_the_largest_and_nan_never_is() {
        assert_eq!(Floats::Single(vec![f32::NAN, 0.5, 0.5]).argmax(), Some(1));
        assert_eq!(Floats::Double(vec![f64::NAN]).argmax(), None);
        assert_eq!(Floats::Single(vec![]).argmax(), None);
    }

    #[test]
    fn single_precision_is_written_as_its_shortest_decimal() {
        assert_eq!(serde_json::to_string(&Floats::Single(vec![0.98, 0.1])).unwrap(), "[0.98,0.1]");
    }
}
