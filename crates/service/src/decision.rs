//! What a request's options make of a prediction.

use edgeinfer_core::{
    Classes, Error, ErrorKind, Float, Floats, ModelType, Outcome, Prediction, Result, Schema, Task,
};
use serde::Serialize;

use crate::options::PredictOptions;

/// A prediction, and what its request asked for beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    pub(crate) prediction: Prediction,
    /// The threshold that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    /// The most probable classes, the most probable first.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<Vec<Candidate>>,
}

/// One of the classes that a row may be of.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Candidate {
    prediction: Outcome,
    label: String,
    probability: Float,
}

/// What `options` ask of a model; checked once for all rows.
pub(crate) struct Decision<'a> {
    options: &'a PredictOptions,
    classes: Option<(&'a Classes, &'a [String])>,
}

impl<'a> Decision<'a> {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for an option that the model has no use for.
    pub(crate) fn new(schema: &'a Schema, options: &'a PredictOptions) -> Result<Self> {
        let classes = match &schema.task {
            Task::Classification { classes, labels, probabilities: Some(_), .. } => {
                Some((classes, labels.as_slice()))
            }
            _ => None,
        };
        let refused = |option: &str, needs: &str| {
            let got = described(&schema.task);
            Err(Error::new(ErrorKind::InvalidRequest, format!("expected {needs}, this is {got}")).at(option))
        };
        if options.top_k.is_some() && classes.is_none() {
            return refused("top_k", "a classifier with probabilities");
        }
        if options.threshold.is_some() && classes.is_none_or(|(classes, _)| classes.len() != 2) {
            return refused("threshold", "a classifier of two classes with probabilities");
        }
        Ok(Self { options, classes })
    }

    /// `prediction` as the options want it.
    pub(crate) fn apply(&self, mut prediction: Prediction) -> Answer {
        if let Some(threshold) = self.options.threshold {
            self.decide(&mut prediction, threshold);
        }
        let top_k = self.options.top_k.and_then(|count| self.most_probable(&prediction, count));
        Answer { prediction, threshold: self.options.threshold, top_k }
    }

    /// The second class from `threshold` on, the first below it.
    fn decide(&self, prediction: &mut Prediction, threshold: f64) {
        let second = prediction.probabilities.as_ref().and_then(|probabilities| probabilities.get(1));
        let Some(second) = second else { return };
        let class = usize::from(second.to_f64() >= threshold);
        let Some((outcome, label)) = self.class(class) else { return };
        prediction.prediction = outcome;
        prediction.label = Some(label);
        prediction.class = Some(class);
        prediction.confidence =
            prediction.probabilities.as_ref().and_then(|probabilities| probabilities.get(class));
    }

    fn most_probable(&self, prediction: &Prediction, count: usize) -> Option<Vec<Candidate>> {
        let probabilities = prediction.probabilities.as_ref()?;
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        let rank = |index: usize| probability(probabilities, index);
        order.sort_by(|&a, &b| rank(b).total_cmp(&rank(a)));
        let candidate = |index| {
            let (prediction, label) = self.class(index)?;
            Some(Candidate { prediction, label, probability: probabilities.get(index)? })
        };
        Some(order.into_iter().take(count).filter_map(candidate).collect())
    }

    /// The class at `index`, and what it is called.
    fn class(&self, index: usize) -> Option<(Outcome, String)> {
        let (classes, labels) = self.classes?;
        let outcome = match classes {
            Classes::Integers(classes) => Outcome::Integer(*classes.get(index)?),
            Classes::Strings(classes) => Outcome::Text(classes.get(index)?.clone()),
        };
        Some((outcome, labels.get(index)?.clone()))
    }
}

/// The probability at `index`; NaN is the least of all.
fn probability(probabilities: &Floats, index: usize) -> f64 {
    let number = probabilities.get(index).map_or(f64::NAN, Float::to_f64);
    if number.is_nan() { f64::NEG_INFINITY } else { number }
}

fn described(task: &Task) -> String {
    match (ModelType::from(task), task) {
        (_, Task::Classification { probabilities: None, .. }) => "one without probabilities".to_owned(),
        (_, Task::Classification { classes, .. }) => format!("one of {} classes", classes.len()),
        (ModelType::Regressor, _) => "a regressor".to_owned(),
        (ModelType::Classifier, _) => "one of several labels a row".to_owned(),
        _ => "a model of tensors".to_owned(),
    }
}
