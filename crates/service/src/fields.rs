use edgeinfer_core::{Error, ErrorKind, FeatureValue, Result};
use serde::de::MapAccess;

use crate::form::{Form, Lenient};
use crate::shortened::shortened;

/// An object of which one field is wanted, and some others may be there.
pub(crate) struct Fields<T> {
    name: &'static str,
    wanted: Option<T>,
    twice: bool,
    /// All other fields, in order.
    pub(crate) others: Vec<(String, FeatureValue)>,
    /// The other fields that were asked for.
    known: Vec<&'static str>,
}

impl<T: Form> Fields<T> {
    /// Reads `object` to its end. `name` is the wanted field.
    pub(crate) fn read<'de, A: MapAccess<'de>>(mut object: A, name: &'static str) -> Result<Self, A::Error> {
        let mut fields = Self::new(name);
        while let Some(key) = object.next_key::<String>()? {
            if key == name {
                let Lenient(value) = object.next_value()?;
                fields.want(value);
            } else {
                fields.others.push((key, object.next_value()?));
            }
        }
        Ok(fields)
    }
}

impl<T> Fields<T> {
    /// An object without fields. `name` is the wanted one.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, wanted: None, twice: false, others: Vec::new(), known: Vec::new() }
    }

    /// Takes in the wanted field.
    pub(crate) fn want(&mut self, value: T) {
        self.twice |= self.wanted.replace(value).is_some();
    }

    /// Whether the wanted field is there.
    pub(crate) fn is_there(&self) -> bool {
        self.wanted.is_some()
    }

    /// Takes out the field `name`, which need not be there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where it is there twice.
    pub(crate) fn take(&mut self, name: &'static str) -> Result<Option<FeatureValue>> {
        self.known.push(name);
        let mut taken = self.others.extract_if(.., |(other, _)| other == name);
        let first = taken.next();
        match taken.next() {
            Some(_) => Err(given_twice(name)),
            None => Ok(first.map(|(_, value)| value)),
        }
    }

    /// The wanted field, where it is there once and no other is but those taken
    /// out before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] with the field at fault, and what was
    /// expected: `form`.
    pub(crate) fn only(self, form: &str) -> Result<T> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidRequest, message);
        let name = self.name;
        if self.twice {
            return Err(given_twice(name));
        }
        if let Some((other, _)) = self.others.first() {
            let other = shortened(other);
            let message = format!("unknown field `{other}`{}; expected {form}", self.hint(&other));
            return Err(invalid(message).at(other));
        }
        self.wanted.ok_or_else(|| invalid(format!("the field `{name}` is missing; expected {form}")))
    }

    /// What was meant by the field `given`.
    fn hint(&self, given: &str) -> String {
        match (self.name, given) {
            ("features", "instances") => return "; several rows go to POST /predict/batch".to_owned(),
            ("instances", "features") => return "; one row goes to POST /predict".to_owned(),
            _ => {}
        }
        let lower = given.to_lowercase();
        let near = |name: &&&str| strsim::jaro_winkler(name, &lower) > 0.8;
        let meant = [self.name].iter().chain(&self.known).find(near).copied();
        meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
    }
}

fn given_twice(name: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("the field `{name}` is given twice")).at(name)
}
