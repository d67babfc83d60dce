//! One model of each shape that the product knows.

use edgeinfer_core::{
    Classes, Dim, ElementType, EngineLoader, EngineSection, Feature, Manifest, Metadata, Model, Schema, Task,
    ValueSpec, ValueType, write_model,
};
use serde_json::json;

use super::echo::echo as echo_engine;
use super::linear::linear;
use super::matmul::matmul;
use super::scripted::scripted;
use super::vocabulary::vocabulary;

pub(crate) const IRIS: [&str; 4] = ["sepal length", "sepal width", "petal length", "petal width"];
pub(crate) const SPECIES: [&str; 3] = ["setosa", "versicolor", "virginica"];

/// A model that has not been compiled yet.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) schema: Schema,
    pub(crate) payload: Vec<u8>,
    loader: EngineLoader,
}

impl Source {
    pub(crate) fn manifest(&self) -> Manifest {
        let engine = EngineSection::Onnx { refused: vec![] };
        Manifest { schema: self.schema.clone(), metadata: Metadata::default(), engine }
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        write_model(&self.manifest(), &self.payload).unwrap()
    }

    pub(crate) fn model(&self) -> Model {
        Model::load(self.file().as_slice(), Some(self.loader)).unwrap()
    }

    /// The same model on an engine that gives `outputs`, as
    /// [`scripted`](fn@scripted) reads them.
    pub(crate) fn that_gives(mut self, outputs: serde_json::Value) -> Model {
        self.payload = outputs.to_string().into_bytes();
        self.loader = scripted;
        self.model()
    }
}

/// One feature, `x`, of type `element`; answers with the feature.
pub(crate) fn echo(element: ElementType) -> Source {
    let task = if element.is_float() {
        Task::Regression { output: 0 }
    } else {
        classification(Some(0), None, Classes::Integers(vec![]), &[])
    };
    let schema = Schema {
        inputs: vec![tensor("x", element, vec![n(), Dim::Fixed(1)])],
        outputs: vec![tensor("y", element, vec![n(), Dim::Fixed(1)])],
        features: vec![Feature::new("x", 0, 0)],
        task,
    };
    Source { schema, payload: vec![], loader: echo_engine }
}

/// Integer classes 0, 1, 2; label and probabilities. Setosa's score is the
/// sepal length, versicolor's the sepal width, virginica's both of the petal's.
pub(crate) fn iris() -> Source {
    let classes = Classes::Integers(vec![0, 1, 2]);
    let outputs = vec![
        tensor("label", ElementType::Int64, vec![n()]),
        tensor("probabilities", ElementType::Float32, vec![n(), Dim::Fixed(3)]),
    ];
    classifier(
        ElementType::Float32,
        outputs,
        classes,
        &SPECIES,
        json!([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]]),
    )
}

/// As [`iris`], with the classes named by strings.
pub(crate) fn iris_with_string_classes() -> Source {
    let mut source = iris();
    source.schema.outputs[0] = tensor("label", ElementType::String, vec![n()]);
    source.schema.task = classification(Some(0), Some(1), strings(&SPECIES), &SPECIES);
    source
}

/// As [`iris`], with scikit-learn's default output of probabilities.
pub(crate) fn iris_with_zipmap() -> Source {
    let mut source = iris();
    let value = ValueType::MapSequence { keys: Classes::Integers(vec![0, 1, 2]) };
    source.schema.outputs[1] = ValueSpec { name: "probabilities".into(), value };
    source
}

/// As [`iris`], in double precision.
pub(crate) fn iris_in_double_precision() -> Source {
    let mut source = iris();
    source.schema.inputs[0] = tensor("X", ElementType::Float64, vec![n(), Dim::Fixed(4)]);
    source.schema.outputs[1] = tensor("probabilities", ElementType::Float64, vec![n(), Dim::Fixed(3)]);
    source
}

/// As [`iris`], with the batch fixed to one row.
pub(crate) fn iris_of_one_row() -> Source {
    let mut source = iris();
    source.schema.inputs[0] = tensor("X", ElementType::Float32, vec![Dim::Fixed(1), Dim::Fixed(4)]);
    source.schema.outputs = vec![
        tensor("label", ElementType::Int64, vec![Dim::Fixed(1)]),
        tensor("probabilities", ElementType::Float32, vec![Dim::Fixed(1), Dim::Fixed(3)]),
    ];
    source
}

/// Probabilities without a label, as a neural network gives them.
pub(crate) fn iris_without_label() -> Source {
    let mut source = iris();
    source.schema.outputs.remove(0);
    source.schema.task = classification(None, Some(0), Classes::Integers(vec![0, 1, 2]), &SPECIES);
    source
}

/// A label without probabilities, as a support vector machine gives it.
pub(crate) fn iris_without_probabilities() -> Source {
    let mut source = iris();
    source.schema.outputs.truncate(1);
    source.schema.task = classification(Some(0), None, Classes::Integers(vec![0, 1, 2]), &SPECIES);
    source
}

/// Two classes and a column of probabilities for each.
pub(crate) fn binary() -> Source {
    binary_of(vec![n(), Dim::Fixed(2)])
}

/// Two classes and the probability of the second, as a sigmoid gives it.
pub(crate) fn binary_of_one_column() -> Source {
    binary_of(vec![n(), Dim::Fixed(1)])
}

fn binary_of(shape: Vec<Dim>) -> Source {
    let outputs = vec![tensor("probabilities", ElementType::Float32, shape)];
    let mut source = classifier(
        ElementType::Float32,
        outputs,
        Classes::Integers(vec![0, 1]),
        &["sepal", "petal"],
        json!([[1, 1, 0, 0], [0, 0, 1, 1]]),
    );
    source.schema.task = classification(None, Some(0), Classes::Integers(vec![0, 1]), &["sepal", "petal"]);
    source
}

/// One number per row.
pub(crate) fn regressor() -> Source {
    regressor_of(1, json!([[1, 1, 1, 1]]))
}

/// Two numbers per row.
pub(crate) fn regressor_of_two_targets() -> Source {
    regressor_of(2, json!([[1, 1, 0, 0], [0, 0, 1, 1]]))
}

fn regressor_of(targets: usize, weights: serde_json::Value) -> Source {
    let mut source = iris();
    source.schema.outputs = vec![tensor("variable", ElementType::Float32, vec![n(), Dim::Fixed(targets)])];
    source.schema.task = Task::Regression { output: 0 };
    source.payload = weights.to_string().into_bytes();
    source
}

/// Each feature an input of its own, of a type of its own. The features are in
/// another order than the inputs. Gives the sum, in double precision.
pub(crate) fn columns() -> Source {
    let column = |name, element| tensor(name, element, vec![n(), Dim::Fixed(1)]);
    Source {
        schema: Schema {
            inputs: vec![
                column("age", ElementType::Int64),
                column("income", ElementType::Float32),
                column("city", ElementType::String),
                column("member", ElementType::Bool),
            ],
            outputs: vec![tensor("variable", ElementType::Float64, vec![n(), Dim::Fixed(1)])],
            features: vec![
                Feature::new("member", 3, 0),
                Feature::new("city", 2, 0),
                Feature::new("income", 1, 0),
                Feature::new("age", 0, 0),
            ],
            task: Task::Regression { output: 0 },
        },
        payload: json!([[1, 1, 1, 1]]).to_string().into_bytes(),
        loader: linear,
    }
}

/// As [`columns`], where the city and the income may be missing.
pub(crate) fn columns_with_missing_values() -> Source {
    let mut source = columns();
    for feature in &mut source.schema.features {
        feature.missing = matches!(feature.name.as_str(), "city" | "income");
    }
    source
}

/// As [`columns`], with every batch fixed to one row.
pub(crate) fn columns_of_one_row() -> Source {
    let mut source = columns();
    for value in source.schema.inputs.iter_mut().chain(&mut source.schema.outputs) {
        if let ValueType::Tensor { shape, .. } = &mut value.value {
            shape[0] = Dim::Fixed(1);
        }
    }
    source
}

/// Tells outliers, -1, from the rest, 1: those with more sepal width than
/// length. The scores are no probabilities.
pub(crate) fn outlier_detector() -> Source {
    let mut source = iris();
    source.schema.outputs = vec![
        tensor("label", ElementType::Int64, vec![n(), Dim::Fixed(1)]),
        tensor("scores", ElementType::Float32, vec![n(), Dim::Fixed(1)]),
    ];
    source.schema.task = classification(Some(0), None, Classes::Integers(vec![]), &[]);
    source.payload = json!([[1, -1, 0, 0]]).to_string().into_bytes();
    source
}

/// Two labels per row and the probabilities of each, as scikit-learn's
/// `MultiOutputClassifier` gives them: tensors alone.
pub(crate) fn multi_output_classifier() -> Source {
    let mut source = iris();
    source.schema.outputs = vec![
        tensor("label", ElementType::Int64, vec![n(), Dim::Fixed(2)]),
        ValueSpec {
            name: "probabilities".into(),
            value: ValueType::Sequence { element: ElementType::Float32 },
        },
    ];
    source.schema.task = Task::Tensors;
    let table = |p: [f32; 2]| json!({"shape": [1, 2], "float32": p});
    let probabilities = json!({"sequence": [table([0.25, 0.75]), table([0.5, 0.5])]});
    source.payload = json!([{"shape": [1, 2], "int64": [1, 0]}, probabilities]).to_string().into_bytes();
    source.loader = scripted;
    source
}

/// A map of words to numbers; gives those of "red", "green" and "blue".
pub(crate) fn words() -> Source {
    map(ElementType::String, json!(["red", "green", "blue"]))
}

/// A map of whole numbers to numbers; gives those of -1, 0 and 7.
pub(crate) fn numbers() -> Source {
    map(ElementType::Int64, json!(["-1", "0", "7"]))
}

fn map(key: ElementType, vocabulary_of: serde_json::Value) -> Source {
    let value = ValueType::Map { key, value: ElementType::Float32 };
    Source {
        schema: Schema {
            inputs: vec![ValueSpec { name: "counts".into(), value }],
            outputs: vec![tensor("variable", ElementType::Float32, vec![n(), Dim::Fixed(3)])],
            features: vec![],
            task: Task::Regression { output: 0 },
        },
        payload: vocabulary_of.to_string().into_bytes(),
        loader: vocabulary,
    }
}

/// A product of matrices: no features, tensors alone.
pub(crate) fn product() -> Source {
    let k = || Dim::symbol("K");
    Source {
        schema: Schema {
            inputs: vec![
                tensor("left", ElementType::Float32, vec![n(), k()]),
                tensor("right", ElementType::Float32, vec![k(), Dim::Fixed(2)]),
            ],
            outputs: vec![
                tensor("product", ElementType::Float32, vec![n(), Dim::Fixed(2)]),
                tensor("shape", ElementType::Int64, vec![Dim::Fixed(2)]),
            ],
            features: vec![],
            task: Task::Tensors,
        },
        payload: vec![],
        loader: matmul,
    }
}

/// Every model, by name.
pub(crate) fn all() -> Vec<(&'static str, Source)> {
    vec![
        ("iris", iris()),
        ("iris_with_string_classes", iris_with_string_classes()),
        ("iris_with_zipmap", iris_with_zipmap()),
        ("iris_in_double_precision", iris_in_double_precision()),
        ("iris_of_one_row", iris_of_one_row()),
        ("iris_without_label", iris_without_label()),
        ("iris_without_probabilities", iris_without_probabilities()),
        ("binary", binary()),
        ("binary_of_one_column", binary_of_one_column()),
        ("regressor", regressor()),
        ("regressor_of_two_targets", regressor_of_two_targets()),
        ("columns", columns()),
        ("columns_with_missing_values", columns_with_missing_values()),
        ("columns_of_one_row", columns_of_one_row()),
        ("outlier_detector", outlier_detector()),
        ("multi_output_classifier", multi_output_classifier()),
        ("words", words()),
        ("numbers", numbers()),
        ("product", product()),
    ]
}

pub(crate) fn tensor(name: &str, element: ElementType, shape: Vec<Dim>) -> ValueSpec {
    ValueSpec { name: name.into(), value: ValueType::Tensor { element, shape } }
}

pub(crate) fn n() -> Dim {
    Dim::symbol("N")
}

pub(crate) fn strings(names: &[&str]) -> Classes {
    Classes::Strings(owned(names))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(String::from).collect()
}

fn classification(
    label: Option<usize>,
    probabilities: Option<usize>,
    classes: Classes,
    labels: &[&str],
) -> Task {
    Task::Classification { label, probabilities, classes, labels: owned(labels) }
}

fn classifier(
    element: ElementType,
    outputs: Vec<ValueSpec>,
    classes: Classes,
    labels: &[&str],
    weights: serde_json::Value,
) -> Source {
    Source {
        schema: Schema {
            inputs: vec![tensor("X", element, vec![n(), Dim::Fixed(4)])],
            outputs,
            features: (0..).zip(IRIS).map(|(column, name)| Feature::new(name, 0, column)).collect(),
            task: classification(Some(0), Some(1), classes, labels),
        },
        payload: weights.to_string().into_bytes(),
        loader: linear,
    }
}
