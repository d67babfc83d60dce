//! Reads JSON of any form.

use std::fmt;
use std::marker::PhantomData;

use edgeinfer_core::FeatureValue;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// What a place in a request holds, whatever its form.
///
/// Reading fails on broken JSON only: a wrong form becomes a value of the type,
/// which says what is wrong and where. So a body is read once, to its end, and
/// what is not JSON is never taken for JSON of a wrong form.
pub(crate) trait Form: Sized {
    /// The place holds neither an array nor an object.
    fn scalar(value: FeatureValue) -> Self;

    /// The place holds an array, to be read to its end.
    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error>;

    /// The place holds an object, to be read to its end.
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error>;
}

/// A [`Form`] as serde reads it.
pub(crate) struct Lenient<T>(pub(crate) T);

impl<'de, T: Form> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormVisitor(PhantomData)).map(Self)
    }
}

struct FormVisitor<T>(PhantomData<T>);

impl<'de, T: Form> Visitor<'de> for FormVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::scalar(FeatureValue::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::scalar(FeatureValue::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::scalar(FeatureValue::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        let value = i64::try_from(value).map_or(FeatureValue::Number(value as f64), FeatureValue::Integer);
        Ok(T::scalar(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::scalar(FeatureValue::Number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::scalar(FeatureValue::String(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<T, A::Error> {
        T::array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}
