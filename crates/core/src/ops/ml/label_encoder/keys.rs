use std::collections::HashMap;

use super::super::lookup::{first_places, last_places};
use crate::ops::Node;
use crate::plan::Constant;
use crate::tensor_ref::DataRef;
use crate::{ElementType, Result};

/// What [`Keys::find`] gives for an element that is no key.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// The place of each key. Of equal ones the first counts.
pub(super) struct Keys {
    element: ElementType,
    places: Places,
    count: usize,
}

enum Places {
    /// Floats are here by their bits.
    Numbers(HashMap<i64, usize>),
    Strings(HashMap<String, usize>),
}

impl Keys {
    /// The node's keys, which are in one of four attributes.
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let names = ["keys_tensor", "keys_strings", "keys_int64s", "keys_floats"];
        let mut given = names.into_iter().filter(|name| node.has(name));
        let (Some(name), None) = (given.next(), given.next()) else {
            return Err(node.invalid("expected keys in one of the keys_* attributes"));
        };
        let constant = match name {
            "keys_strings" => return Ok(Self::strings(&node.strings(name)?)),
            "keys_int64s" => return Ok(Self::integers(&node.ints(name)?)),
            _ => node.tensor(name)?,
        };
        match constant.map(Constant::view).map(|view| view.data) {
            Some(DataRef::String(keys)) => Ok(Self::strings(keys)),
            // Only since version 4 does NaN find itself.
            Some(data) => Self::numbers(data, node.version() >= 4)
                .ok_or_else(|| node.unsupported(format_args!("keys of type {}", data.element_type()))),
            None => Err(node.invalid("expected a tensor of keys")),
        }
    }

    pub(super) fn integers(keys: &[i64]) -> Self {
        let places = Places::Numbers(first_places(keys.iter().copied()));
        Self { element: ElementType::Int64, places, count: keys.len() }
    }

    fn strings(keys: &[String]) -> Self {
        let places = Places::Strings(first_places(keys.iter().cloned()));
        Self { element: ElementType::String, places, count: keys.len() }
    }

    /// The places of strings; of equal ones the last counts.
    pub(super) fn last_of(keys: &[String]) -> Self {
        let places = Places::Strings(last_places(keys.iter().cloned()));
        Self { element: ElementType::String, places, count: keys.len() }
    }

    fn numbers(data: DataRef<'_>, find_nan: bool) -> Option<Self> {
        let mut keys = Vec::with_capacity(data.len());
        each_bits(data, |bits| keys.push(bits)).then_some(())?;
        let mut places = first_places(keys);
        if !find_nan && data.element_type().is_float() {
            places.remove(&bits(f64::NAN));
        }
        Some(Self { element: data.element_type(), places: Places::Numbers(places), count: data.len() })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn element_type(&self) -> ElementType {
        self.element
    }

    /// Appends the place of each element to `found`; false where the elements
    /// are not of the keys' type.
    pub(super) fn find(&self, data: DataRef<'_>, found: &mut Vec<u64>) -> bool {
        let place = |place: Option<&usize>| place.map_or(UNKNOWN, |&place| place as u64);
        match (&self.places, data) {
            (Places::Strings(places), DataRef::String(x)) => {
                found.extend(x.iter().map(|x| place(places.get(x))));
                true
            }
            (Places::Numbers(places), _) if data.element_type() == self.element => {
                each_bits(data, |bits| found.push(place(places.get(&bits))))
            }
            _ => false,
        }
    }
}

/// Each number as bits that are equal for equal numbers, and for all NaN; false
/// for types that keys do not have.
fn each_bits(data: DataRef<'_>, mut put: impl FnMut(i64)) -> bool {
    match data {
        DataRef::Float32(x) => x.iter().for_each(|&x| put(bits(f64::from(x)))),
        DataRef::Float64(x) => x.iter().for_each(|&x| put(bits(x))),
        DataRef::Int64(x) => x.iter().for_each(|&x| put(x)),
        DataRef::Int32(x) => x.iter().for_each(|&x| put(i64::from(x))),
        DataRef::Int16(x) => x.iter().for_each(|&x| put(i64::from(x))),
        _ => return false,
    }
    true
}

fn bits(x: f64) -> i64 {
    let x = if x.is_nan() { f64::NAN } else { x + 0.0 };
    x.to_bits().cast_signed()
}
