//! A row of features as a map, which is what a model of dictionaries takes.

use super::does_not_fit;
use crate::convert::put;
use crate::error::quoted;
use crate::{
    Classes, ElementType, Error, ErrorKind, FeatureValue, Features, Map, Result, Tensor, TensorData,
};

/// The input of a model that takes a map.
pub(crate) struct MapInput {
    /// String or int64.
    pub(super) key: ElementType,
    pub(super) value: ElementType,
}

impl MapInput {
    /// The map that `row`, an object, is.
    ///
    /// # Errors
    ///
    /// As [`Model::predict`](crate::Model::predict).
    pub(super) fn bind(&self, row: &Features) -> Result<Map> {
        let Features::Named(row) = row else {
            let message = "this model has no order of features; give an object by feature name, not an array";
            return Err(Error::new(ErrorKind::InvalidRequest, message).at("features"));
        };
        let keys = self.keys(row)?;
        let mut values = TensorData::zeros(self.value, row.len())?;
        for (position, (name, value)) in row.iter().enumerate() {
            put(&mut values, position, value).map_err(|error| {
                let absent = matches!(value, FeatureValue::Null);
                let hint = if absent { "leave out what has no value" } else { "" };
                does_not_fit(error, &quoted(name), hint).at(place(name))
            })?;
        }
        Ok(Map { keys, values: Tensor::new(vec![row.len()], values)? })
    }

    fn keys(&self, row: &[(String, FeatureValue)]) -> Result<Classes> {
        let keys = if self.key == ElementType::Int64 {
            Classes::Integers(row.iter().map(|(name, _)| whole(name)).collect::<Result<_>>()?)
        } else {
            Classes::Strings(row.iter().map(|(name, _)| name.clone()).collect())
        };
        match keys.twice() {
            Some(name) => Err(unknown(&name, "given twice")),
            None => Ok(keys),
        }
    }
}

fn whole(name: &str) -> Result<i64> {
    name.parse().map_err(|_| unknown(name, "the model's features are named by whole numbers that fit int64"))
}

fn unknown(name: &str, message: &str) -> Error {
    Error::new(ErrorKind::UnknownFeature, message).at(place(name))
}

fn place(name: &str) -> String {
    format!("features[{}]", quoted(name))
}
