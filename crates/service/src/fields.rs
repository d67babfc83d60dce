use edgeinfer_core::{Error, ErrorKind, FeatureValue, Result};
use serde::de::MapAccess;

use crate::form::{Form, Lenient};
use crate::shortened::shortened;

/// An object of which one field is wanted.
pub(crate) struct Fields<T> {
    name: &'static str,
    wanted: Option<T>,
    twice: bool,
    /// All other fields, in order.
    pub(crate) others: Vec<(String, FeatureValue)>,
}

impl<T: Form> Fields<T> {
    /// Reads `object` to its end. `name` is the wanted field.
    pub(crate) fn read<'de, A: MapAccess<'de>>(mut object: A, name: &'static str) -> Result<Self, A::Error> {
        let mut fields = Self { name, wanted: None, twice: false, others: Vec::new() };
        while let Some(key) = object.next_key::<String>()? {
            if key == name {
                let Lenient(value) = object.next_value()?;
                fields.twice |= fields.wanted.replace(value).is_some();
            } else {
                fields.others.push((key, object.next_value()?));
            }
        }
        Ok(fields)
    }
}

impl<T> Fields<T> {
    /// Whether the wanted field is there.
    pub(crate) fn is_there(&self) -> bool {
        self.wanted.is_some()
    }

    /// The wanted field, where it is there once and no other is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] with the field at fault, and what was
    /// expected: `form`.
    pub(crate) fn only(self, form: &str) -> Result<T> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidRequest, message);
        let name = self.name;
        if self.twice {
            return Err(invalid(format!("the field `{name}` is given twice")).at(name));
        }
        if let Some((other, _)) = self.others.first() {
            let other = shortened(other);
            let message = format!("unknown field `{other}`{}; expected {form}", hint(name, &other));
            return Err(invalid(message).at(other));
        }
        self.wanted.ok_or_else(|| invalid(format!("the field `{name}` is missing; expected {form}")))
    }
}

/// What was meant by the field `given`, where `wanted` was expected.
fn hint(wanted: &str, given: &str) -> String {
    match (wanted, given) {
        ("features", "instances") => "; several rows go to POST /predict/batch".to_owned(),
        ("instances", "features") => "; one row goes to POST /predict".to_owned(),
        _ if strsim::jaro_winkler(wanted, &given.to_lowercase()) > 0.8 => {
            format!("; did you mean `{wanted}`?")
        }
        _ => String::new(),
    }
}
