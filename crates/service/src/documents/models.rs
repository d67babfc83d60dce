//! The operations of each model, with its own features, labels and examples.

use edgeinfer_core::{Classes, FeatureInfo, Model, ModelInfo, Task};
use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr};

use super::operations::{Failures, Plan, body};
use super::schemas::{
    any, anything, array, exactly, integer, number, object, of, one_of, one_of_any, reference, string, value,
};
use super::{Document, example, part_of_name};
use crate::options::MOST_CLASSES;
use crate::service::{Service, Target};

/// Adds the operations of all models that answer, and of the default without its
/// name.
pub(super) fn add(document: &mut Document, service: &Service) {
    let default = service.registry.default_name().ok().map(str::to_owned);
    let names: Vec<String> = service.registry.names().map(str::to_owned).collect();
    for name in names {
        let Ok(target) = service.find(Some(&name), None) else { continue };
        let part = Part::new(&target);
        part.add_schemas(document);
        part.add_operations(document, &format!("/v1/models/{name}"), &format!("/v1/models/{name}"), &name);
        if default.as_deref() == Some(&name) {
            part.add_operations(document, "", "/model", "The default model");
        }
    }
}

/// What the description says of one model.
struct Part<'a> {
    model: &'a Model,
    info: ModelInfo,
    /// The model's name as a part of those of its schemas.
    prefix: String,
}

impl<'a> Part<'a> {
    fn new(target: &'a Target) -> Self {
        let prefix = part_of_name(target.entry.name());
        Self { model: &target.model, info: target.model.info(), prefix }
    }

    fn name(&self, schema: &str) -> String {
        format!("{}.{schema}", self.prefix)
    }

    fn reference(&self, schema: &str) -> RefOr<Schema> {
        reference(&self.name(schema))
    }

    fn takes_rows(&self) -> bool {
        !matches!(self.model.schema().task, Task::Tensors)
    }

    fn add_schemas(&self, document: &mut Document) {
        if !self.takes_rows() {
            return;
        }
        document.schema(&self.name("Features"), features(&self.info.features));
        document.schema(&self.name("Prediction"), self.prediction());
        let mut row = vec![("features", self.reference("Features"), true)];
        row.extend(self.options());
        document.schema(&self.name("PredictRequest"), exact(row));
        let rows =
            || ArrayBuilder::new().items(self.reference("Row")).min_items(Some(1)).max_items(Some(10_000));
        // What is no row is told of in its place.
        let partial = || ArrayBuilder::new().items(any()).min_items(Some(1)).max_items(Some(10_000));
        let alone = exactly([("features", self.reference("Features"), true)]);
        document.schema(&self.name("Row"), alone);
        let forms = [rows().into(), self.batch(rows().into(), false), self.batch(partial().into(), true)];
        document.schema(&self.name("BatchRequest"), one_of(forms));
        let failed = object([("error", reference("Error"), true)]);
        let answers = array(one_of([self.reference("Prediction"), failed]));
        let answer = object([
            ("predictions", answers, true),
            ("count", integer(), true),
            ("errors", integer(), false),
        ]);
        document.schema(&self.name("BatchAnswer"), answer);
        let rows =
            ArrayBuilder::new().items(self.reference("Features")).min_items(Some(1)).max_items(Some(10_000));
        document.schema(&self.name("Instances"), exactly([("instances", rows.into(), true)]));
        let predictions = array(self.reference("Prediction"));
        document.schema(&self.name("Predictions"), object([("predictions", predictions, true)]));
    }

    /// A batch of `rows` beside options, `partial` or not.
    fn batch(&self, rows: RefOr<Schema>, is_partial: bool) -> RefOr<Schema> {
        let partial = of(Type::Boolean).enum_values(Some([is_partial]));
        let mut fields = vec![("instances", rows, true), ("partial", partial.into(), is_partial)];
        fields.extend(self.options());
        exact(fields)
    }

    /// The options that the model has a use for.
    fn options(&self) -> Vec<(&'static str, RefOr<Schema>, bool)> {
        let Task::Classification { probabilities: Some(_), classes, .. } = &self.model.schema().task else {
            return Vec::new();
        };
        let mut options =
            vec![("top_k", of(Type::Integer).minimum(Some(1)).maximum(Some(MOST_CLASSES)).into(), false)];
        if classes.len() == 2 {
            options.push(("threshold", of(Type::Number).minimum(Some(0)).maximum(Some(1)).into(), false));
        }
        options
    }

    fn prediction(&self) -> RefOr<Schema> {
        let label = of(Type::String).enum_values(Some(self.info.labels.clone()));
        match &self.model.schema().task {
            Task::Classification { classes, probabilities, .. } => {
                let class = match classes {
                    Classes::Integers(_) => integer(),
                    Classes::Strings(_) => string(),
                };
                // The class of a model may be none of those that its probabilities are of.
                let label =
                    if self.info.labels.is_empty() { string() } else { one_of_any([label.into(), string()]) };
                let sure = probabilities.is_some();
                object([
                    ("prediction", class, true),
                    ("label", label, true),
                    ("probabilities", array(number()), sure),
                    ("confidence", number(), false),
                    ("top_k", array(anything()), false),
                    ("threshold", number(), false),
                ])
            }
            Task::MultiOutput { .. } => object([("prediction", array(any()), true)]),
            _ => object([("prediction", one_of_any([number(), array(number())]), true)]),
        }
    }

    /// What platforms ask for.
    fn add_platforms(&self, document: &mut Document, prefix: &str, id: &dyn Fn(&str) -> String, tag: &str) {
        let paths = match prefix {
            "" => vec![("invocations", "/invocations".to_owned()), ("score", "/score".to_owned())],
            prefix => vec![("tensorflow", format!("{prefix}:predict"))],
        };
        for (action, path) in paths {
            let plan = Plan {
                id: &id(action),
                tag,
                summary: "The prediction for each of several rows, as platforms ask",
                answer: self.reference("Predictions"),
                failures: if prefix.is_empty() { Failures::Own } else { Failures::Protocol },
            };
            let rows = json!({"instances": [self.second_row()]});
            let content =
                ContentBuilder::new().schema(Some(self.reference("Instances"))).example(Some(rows)).build();
            document.post(&path, plan.operation().request_body(Some(body(content))).build());
        }
    }

    /// A row in another form than the first example, where there is another.
    fn second_row(&self) -> serde_json::Value {
        let features = &self.info.features;
        if features.is_empty() { example::named(features) } else { example::row(features) }
    }

    /// `predict` and `predict/batch` under `prefix`, `info` under `about`.
    fn add_operations(&self, document: &mut Document, prefix: &str, about: &str, tag: &str) {
        let id =
            |action: &str| format!("{action}_{}", if prefix.is_empty() { "default" } else { &self.prefix });
        let info = Plan {
            id: &id("info"),
            tag,
            summary: "What the model says about itself",
            answer: anything(),
            failures: Failures::Own,
        };
        document.get(&format!("{about}/info"), info.operation().build());
        if !self.takes_rows() {
            return;
        }
        let content = |schema, example| {
            ContentBuilder::new().schema(Some(self.reference(schema))).example(Some(example)).build()
        };
        let row = example::named(&self.info.features);
        let predict = Plan {
            id: &id("predict"),
            tag,
            summary: "The prediction for one row",
            answer: self.reference("Prediction"),
            failures: Failures::Own,
        };
        let request = body(content("PredictRequest", json!({"features": row})));
        document.post(&format!("{prefix}/predict"), predict.operation().request_body(Some(request)).build());
        let batch = Plan {
            id: &id("predict_batch"),
            tag,
            summary: "The prediction for each of several rows",
            answer: self.reference("BatchAnswer"),
            failures: Failures::Own,
        };
        let rows = json!({"instances": [{"features": row}, {"features": self.second_row()}]});
        let request = body(content("BatchRequest", rows));
        self.add_platforms(document, prefix, &id, tag);
        document
            .post(&format!("{prefix}/predict/batch"), batch.operation().request_body(Some(request)).build());
    }
}

/// A row: values in the features' order, or by their names. A model without
/// features of its own takes any map.
fn features(features: &[FeatureInfo]) -> RefOr<Schema> {
    if features.is_empty() {
        return anything();
    }
    let count = features.len();
    let kinds = distinct(features).into_iter();
    let kinds: Vec<_> = kinds.map(|feature| value(feature.element, feature.missing)).collect();
    let items = match <[_; 1]>::try_from(kinds) {
        Ok([kind]) => kind,
        Err(kinds) => one_of_any(kinds),
    };
    let positional = ArrayBuilder::new().items(items).min_items(Some(count)).max_items(Some(count));
    let named = features
        .iter()
        .map(|feature| (feature.name.as_str(), value(feature.element, feature.missing), true))
        .collect();
    one_of([positional.into(), exact(named)])
}

/// A feature of each kind.
fn distinct(features: &[FeatureInfo]) -> Vec<&FeatureInfo> {
    let mut kinds: Vec<&FeatureInfo> = Vec::new();
    for feature in features {
        let same = |kind: &&FeatureInfo| (kind.element, kind.missing) == (feature.element, feature.missing);
        if !kinds.iter().any(same) {
            kinds.push(feature);
        }
    }
    kinds
}

/// An object of fields and no others.
fn exact(fields: Vec<(&str, RefOr<Schema>, bool)>) -> RefOr<Schema> {
    let none = utoipa::openapi::schema::AdditionalProperties::FreeForm(false);
    let object = of(Type::Object).additional_properties(Some(none));
    let object = fields.into_iter().fold(object, |object, (name, schema, required)| {
        let object = object.property(name, schema);
        if required { object.required(name) } else { object }
    });
    object.into()
}
