use std::collections::BTreeSet;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;

use crate::written::nested;
use crate::{ElementType, Error, ErrorKind, Result};

/// The size of one dimension of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, BorshSerialize, BorshDeserialize)]
#[serde(untagged)]
pub enum Dim {
    /// Always this size.
    Fixed(usize),
    /// Free; dimensions of the same symbol have the same size within one run.
    Symbol(String),
}

impl Dim {
    /// A free dimension.
    #[must_use]
    pub fn symbol(name: &str) -> Self {
        Self::Symbol(name.to_owned())
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => size.fmt(f),
            Self::Symbol(name) => name.fmt(f),
        }
    }
}

/// The classes that a classifier tells apart, in the order of its
/// probabilities. ONNX allows integers and strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, BorshSerialize, BorshDeserialize)]
#[serde(untagged)]
pub enum Classes {
    /// Classes named by integers.
    Integers(Vec<i64>),
    /// Classes named by strings.
    Strings(Vec<String>),
}

impl Classes {
    /// The number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(v) => v.len(),
            Self::Strings(v) => v.len(),
        }
    }

    /// Whether there are no classes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each class as text.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Integers(v) => v.iter().map(ToString::to_string).collect(),
            Self::Strings(v) => v.clone(),
        }
    }

    /// What the classes are named by: int64 or string.
    pub(crate) fn element_type(&self) -> ElementType {
        match self {
            Self::Integers(_) => ElementType::Int64,
            Self::Strings(_) => ElementType::String,
        }
    }

    /// The first that is there twice.
    pub(crate) fn twice(&self) -> Option<String> {
        match self {
            Self::Integers(v) => twice(v.iter()).map(ToString::to_string),
            Self::Strings(v) => twice(v.iter()).cloned(),
        }
    }
}

/// The type of a model's input or output.
#[derive(Clone, Debug, PartialEq, Serialize, BorshSerialize, BorshDeserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ValueType {
    /// A tensor.
    Tensor {
        /// The type of its elements.
        element: ElementType,
        /// Its dimensions, outermost first.
        shape: Vec<Dim>,
    },
    /// One map from class to float32 per row, as `ai.onnx.ml.ZipMap` gives.
    MapSequence {
        /// The keys of every map.
        keys: Classes,
    },
    /// A map of any keys, as `ai.onnx.ml.DictVectorizer` takes.
    Map {
        /// The type of its keys: string or int64.
        key: ElementType,
        /// The type of its values.
        value: ElementType,
    },
    /// A sequence of tensors, as `SequenceConstruct` gives.
    Sequence {
        /// The type of their elements.
        element: ElementType,
    },
    /// A value that may be absent.
    Optional {
        /// What it is where it is there.
        #[borsh(deserialize_with = "nested")]
        of: Box<ValueType>,
    },
}

/// A named input or output of a model.
#[derive(Clone, Debug, PartialEq, Serialize, BorshSerialize, BorshDeserialize)]
pub struct ValueSpec {
    /// Its name in the ONNX graph.
    pub name: String,
    /// Its type.
    #[serde(flatten)]
    pub value: ValueType,
}

/// A feature: one column of one of the model's inputs.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Feature {
    /// What the feature is called.
    pub name: String,
    /// The index of the input that it belongs to.
    pub input: usize,
    /// Its column within a row of that input.
    pub column: usize,
    /// Whether the model takes rows in which the feature is missing: null
    /// stands for it, and the model gets NaN, or the empty string. Only where
    /// the input's elements are floating-point numbers or strings.
    pub missing: bool,
}

impl Feature {
    /// The feature `name`, which is column `column` of input `input` and may not
    /// be missing.
    #[must_use]
    pub fn new(name: &str, input: usize, column: usize) -> Self {
        Self { name: name.to_owned(), input, column, missing: false }
    }
}

/// What the model's outputs mean.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Task {
    /// The outputs name a class of each row, its probabilities, or both.
    Classification {
        /// The index of the output that holds the predicted class.
        label: Option<usize>,
        /// The index of the output that holds the class probabilities.
        probabilities: Option<usize>,
        /// The classes, in the order of the probabilities.
        classes: Classes,
        /// What to call each class; as many as there are classes.
        labels: Vec<String>,
    },
    /// Each row has several labels: an output holds as many classes for it.
    MultiOutput {
        /// The index of the output that holds the classes.
        labels: usize,
        /// The index of the output that holds a probability for each of them.
        probabilities: Option<usize>,
    },
    /// An output holds one number, or several, for each row.
    Regression {
        /// The index of that output.
        output: usize,
    },
    /// Neither: the model takes and gives tensors, by [`Model::run`](crate::Model::run).
    Tensors,
}

/// The inputs and outputs of a model and what they mean.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Schema {
    /// The inputs, in the graph's order, without those that have initialisers.
    pub inputs: Vec<ValueSpec>,
    /// The outputs, in the graph's order.
    pub outputs: Vec<ValueSpec>,
    /// The features of a row, in the order of an array of features.
    /// Empty where the inputs are not rows of columns. A model whose one input
    /// is a map has no features of its own: a row by name is the map.
    pub features: Vec<Feature>,
    /// What the outputs mean.
    pub task: Task,
}

impl Schema {
    /// Checks what the rest of the crate relies on: inputs that are no sequences
    /// of maps, no name twice among inputs or features, indices within their lists,
    /// a label per class, every column of every input fed by one feature, which
    /// may be missing only where there is a value for that, and a batch that is
    /// free or of one row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`], with what does not fit.
    pub fn check(&self) -> Result<()> {
        self.check_inputs()?;
        self.check_features()?;
        let known = |index: usize| self.outputs.get(index).is_some_and(ValueSpec::is_table);
        let fits = match &self.task {
            Task::Classification { label, probabilities, classes, labels } => {
                label.is_none_or(known)
                    && probabilities.is_none_or(known)
                    && (label.is_some() || probabilities.is_some())
                    && labels.len() == classes.len()
            }
            Task::MultiOutput { labels, probabilities } => known(*labels) && probabilities.is_none_or(known),
            Task::Regression { output } => known(*output),
            Task::Tensors => true,
        };
        if fits { Ok(()) } else { Err(invalid("the task does not fit the outputs")) }
    }

    fn check_inputs(&self) -> Result<()> {
        self.inputs.iter().try_for_each(|input| input.value.check_input())?;
        match twice(self.inputs.iter().map(|input| input.name.as_str())) {
            Some(name) => Err(invalid(&format!("two inputs are called {name:?}"))),
            None => Ok(()),
        }
    }

    fn check_features(&self) -> Result<()> {
        if self.features.is_empty() {
            return Ok(());
        }
        if let Some(name) = twice(self.features.iter().map(|feature| feature.name.as_str())) {
            let message = format!("two features are called {name:?}; each needs a name of its own");
            return Err(Error::new(ErrorKind::InvalidModel, message));
        }
        if !self.inputs.iter().all(ValueSpec::takes_one_row) {
            return Err(invalid("an input with features takes neither one row nor any number of them"));
        }
        let mut fed = Vec::with_capacity(self.inputs.len());
        let mut left = self.features.len();
        for input in &self.inputs {
            // Counted down, so that a damaged file cannot ask for more memory
            // than its own features take.
            let width = input.row_width().filter(|&width| width <= left);
            let width = width.ok_or_else(|| invalid("an input's row is not made of the features"))?;
            left -= width;
            fed.push(vec![false; width]);
        }
        for feature in &self.features {
            match fed.get_mut(feature.input).and_then(|input| input.get_mut(feature.column)) {
                Some(column) if !*column => *column = true,
                _ => return Err(invalid("a feature feeds a column that does not exist, or is fed twice")),
            }
            if feature.missing && !self.inputs.get(feature.input).is_some_and(ValueSpec::holds_missing) {
                return Err(invalid("a feature may be missing whose type has no value for that"));
            }
        }
        let whole = fed.iter().flatten().all(|&column| column);
        if whole { Ok(()) } else { Err(invalid("a column of an input has no feature")) }
    }
}

impl ValueType {
    fn check_input(&self) -> Result<()> {
        match self {
            Self::Tensor { .. }
            | Self::Sequence { .. }
            | Self::Map { key: ElementType::String | ElementType::Int64, .. } => Ok(()),
            Self::Map { .. } => Err(invalid("a map's keys are neither string nor int64")),
            Self::MapSequence { .. } => Err(invalid("an input is a sequence of maps")),
            Self::Optional { of } => of.check_input(),
        }
    }
}

impl ValueSpec {
    /// The number of elements in one row: the product of all dimensions but the
    /// first. `None` where one of them is free, where there is no first, or for
    /// anything but a tensor.
    #[must_use]
    pub fn row_width(&self) -> Option<usize> {
        let ValueType::Tensor { shape, .. } = &self.value else { return None };
        let (_, row) = shape.split_first()?;
        row.iter().try_fold(1usize, |width, dim| match dim {
            Dim::Fixed(size) => width.checked_mul(*size),
            Dim::Symbol(_) => None,
        })
    }

    /// Whether an element can stand for a missing value.
    fn holds_missing(&self) -> bool {
        let ValueType::Tensor { element, .. } = &self.value else { return false };
        use ElementType::{BFloat16, Float16, Float32, Float64, String};
        matches!(element, Float32 | Float64 | Float16 | BFloat16 | String)
    }

    /// Whether it has rows to predict from.
    fn is_table(&self) -> bool {
        matches!(self.value, ValueType::Tensor { .. } | ValueType::MapSequence { .. })
    }

    /// Whether the first dimension is free or 1.
    fn takes_one_row(&self) -> bool {
        let ValueType::Tensor { shape, .. } = &self.value else { return false };
        matches!(shape.first(), Some(Dim::Symbol(_) | Dim::Fixed(1)))
    }
}

/// The first of `items` that is there twice.
fn twice<T: Copy + Ord>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = BTreeSet::new();
    items.find(|item| !seen.insert(*item))
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidModel, format!("damaged schema: {what}; compile the model again"))
}
