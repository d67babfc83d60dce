use crate::ops::Node;
use crate::ops::lookup::Lookup;
use crate::plan::Constant;
use crate::tensor_ref::DataRef;
use crate::{ElementType, Result};

/// What [`Keys::find`] gives for an element that is no key.
const UNKNOWN: i64 = -1;

/// The bits of a NaN that [`bits`] does not give.
const NO_NUMBER: i64 = i64::MAX;

/// The place of each key. Of equal ones the first counts.
pub(super) struct Keys {
    element: ElementType,
    places: Places,
    count: usize,
}

enum Places {
    /// Floats are here by their bits.
    Numbers(Lookup<i64>),
    Strings(Lookup<String>),
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
            "keys_strings" => return Ok(Self::strings(node.strings(name)?)),
            "keys_int64s" => return Ok(Self::integers(node.ints(name)?)),
            _ => node.tensor(name)?,
        };
        match constant.map(Constant::view).map(|view| view.data) {
            Some(DataRef::String(keys)) => Ok(Self::strings(keys.to_vec())),
            // Only since version 4 does NaN find itself.
            Some(data) => Self::numbers(data, node.version() >= 4)
                .ok_or_else(|| node.unsupported(format_args!("keys of type {}", data.element_type()))),
            None => Err(node.invalid("expected a tensor of keys")),
        }
    }

    pub(super) fn integers(keys: Vec<i64>) -> Self {
        let count = keys.len();
        Self { element: ElementType::Int64, places: Places::Numbers(Lookup::first(keys)), count }
    }

    fn strings(keys: Vec<String>) -> Self {
        let count = keys.len();
        Self { element: ElementType::String, places: Places::Strings(Lookup::first(keys)), count }
    }

    /// The places of strings; of equal ones the last counts.
    pub(super) fn last_of(keys: Vec<String>) -> Self {
        let count = keys.len();
        Self { element: ElementType::String, places: Places::Strings(Lookup::last(keys)), count }
    }

    fn numbers(data: DataRef<'_>, find_nan: bool) -> Option<Self> {
        let mut keys = Vec::with_capacity(data.len());
        append_bits(data, &mut keys).then_some(())?;
        let (element, count) = (data.element_type(), keys.len());
        if element.is_float() && !find_nan {
            // Bits that no other number has.
            let nan = bits(f64::NAN);
            keys.iter_mut().filter(|key| **key == nan).for_each(|key| *key = NO_NUMBER);
        }
        Some(Self { element, places: Places::Numbers(Lookup::first(keys)), count })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn element_type(&self) -> ElementType {
        self.element
    }

    /// Appends the place of each element to `found`; false where the elements
    /// are not of the keys' type.
    pub(super) fn find(&self, data: DataRef<'_>, found: &mut Vec<i64>) -> bool {
        let place = |place: Option<usize>| place.map_or(UNKNOWN, |place| place as i64);
        match (&self.places, data) {
            (Places::Strings(places), DataRef::String(x)) => {
                found.extend(x.iter().map(|x| place(places.get(x.as_str()))));
                true
            }
            (Places::Numbers(places), _) if data.element_type() == self.element => {
                let known = append_bits(data, found);
                found.iter_mut().for_each(|x| *x = place(places.get(x)));
                known
            }
            _ => false,
        }
    }
}

/// Appends each number as bits that are equal for equal numbers, and for all
/// NaN; false for types that keys do not have.
#[inline(never)]
fn append_bits(data: DataRef<'_>, all: &mut Vec<i64>) -> bool {
    match data {
        DataRef::Float32(x) => all.extend(x.iter().map(|&x| bits(f64::from(x)))),
        DataRef::Float64(x) => all.extend(x.iter().map(|&x| bits(x))),
        DataRef::Int64(x) => all.extend_from_slice(x),
        DataRef::Int32(x) => all.extend(x.iter().map(|&x| i64::from(x))),
        DataRef::Int16(x) => all.extend(x.iter().map(|&x| i64::from(x))),
        _ => return false,
    }
    true
}

fn bits(x: f64) -> i64 {
    let x = if x.is_nan() { f64::NAN } else { x + 0.0 };
    x.to_bits().cast_signed()
}
