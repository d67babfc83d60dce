use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The elements of a JSON array, nested or not, row-major, in as little room as
/// their kind allows.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Flat {
    pub(crate) kind: Kind,
    /// The length of the arrays at each depth.
    pub(crate) lengths: Vec<usize>,
    /// How many arrays are around each element.
    depth: Option<usize>,
    /// Why this is no tensor's data.
    pub(crate) problem: Option<String>,
}

/// Elements of one kind.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Kind {
    /// None yet.
    #[default]
    Empty,
    Integers(Vec<i64>),
    /// Whole numbers, some of them beyond `i64`.
    Wide(Vec<i128>),
    Numbers(Vec<f64>),
    Bools(Vec<bool>),
    Strings(Vec<String>),
}

impl Flat {
    /// `parts` as the elements of one more array.
    pub(crate) fn stacked(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        let shape = parts.first().map(|part| part.lengths.clone()).unwrap_or_default();
        let count = parts.len();
        for part in parts {
            if part.lengths != shape {
                whole.fail(|| format!("rows side by side have shapes {shape:?} and {:?}", part.lengths));
            }
            whole.problem = whole.problem.take().or(part.problem);
            whole.extend(part.kind);
        }
        whole.lengths = [count].into_iter().chain(shape).collect();
        whole
    }

    fn extend(&mut self, kind: Kind) {
        let mut push = |leaf: Leaf<'_>| self.push(leaf, 1);
        match kind {
            Kind::Empty => {}
            Kind::Integers(v) => v.into_iter().for_each(|value| push(Leaf::Integer(value))),
            Kind::Wide(v) => v.into_iter().for_each(|value| push(Leaf::Wide(value))),
            Kind::Numbers(v) => v.into_iter().for_each(|value| push(Leaf::Number(value))),
            Kind::Bools(v) => v.into_iter().for_each(|value| push(Leaf::Bool(value))),
            Kind::Strings(v) => v.iter().for_each(|value| push(Leaf::Text(value))),
        }
    }

    fn fail(&mut self, problem: impl FnOnce() -> String) {
        if self.problem.is_none() {
            self.problem = Some(problem());
        }
    }

    /// Checks that all elements are as deep as the first.
    fn leaf(&mut self, depth: usize) {
        if *self.depth.get_or_insert(depth) != depth {
            self.fail(|| "some elements are in more arrays than others".to_owned());
        }
    }

    /// An array of `length` ends that is within `depth` others.
    fn array(&mut self, depth: usize, length: usize) {
        match self.lengths.get(depth) {
            Some(&known) if known != length && known != OPEN => {
                self.fail(|| format!("arrays side by side have {known} and {length} elements"));
            }
            _ => {}
        }
        if let Some(known) = self.lengths.get_mut(depth) {
            *known = length;
        }
    }

    fn push(&mut self, leaf: Leaf<'_>, depth: usize) {
        self.leaf(depth);
        match (&mut self.kind, leaf) {
            (Kind::Integers(v), Leaf::Integer(value)) => v.push(value),
            (Kind::Numbers(v), Leaf::Number(value)) => v.push(value),
            (Kind::Numbers(v), Leaf::Integer(value)) => v.push(value as f64),
            (Kind::Numbers(v), Leaf::Wide(value)) => v.push(value as f64),
            (Kind::Wide(v), Leaf::Integer(value)) => v.push(value.into()),
            (Kind::Wide(v), Leaf::Wide(value)) => v.push(value),
            (Kind::Bools(v), Leaf::Bool(value)) => v.push(value),
            (Kind::Strings(v), Leaf::Text(value)) => v.push(value.to_owned()),
            (_, leaf) => self.widen(leaf),
        }
    }

    /// Takes an element that is not of the kind of those so far.
    fn widen(&mut self, leaf: Leaf<'_>) {
        self.kind = match (std::mem::take(&mut self.kind), leaf) {
            (Kind::Empty, Leaf::Integer(value)) => Kind::Integers(vec![value]),
            (Kind::Empty, Leaf::Wide(value)) => Kind::Wide(vec![value]),
            (Kind::Empty, Leaf::Number(value)) => Kind::Numbers(vec![value]),
            (Kind::Empty, Leaf::Bool(value)) => Kind::Bools(vec![value]),
            (Kind::Empty, Leaf::Text(value)) => Kind::Strings(vec![value.to_owned()]),
            (Kind::Integers(v), Leaf::Number(value)) => {
                Kind::Numbers(v.into_iter().map(|whole| whole as f64).chain([value]).collect())
            }
            (Kind::Wide(v), Leaf::Number(value)) => {
                Kind::Numbers(v.into_iter().map(|whole| whole as f64).chain([value]).collect())
            }
            (Kind::Integers(v), Leaf::Wide(value)) => {
                Kind::Wide(v.into_iter().map(i128::from).chain([value]).collect())
            }
            (kind, _) => {
                self.fail(|| "numbers, strings and truth values are mixed".to_owned());
                kind
            }
        };
    }
}

/// The length of an array that has not ended yet.
const OPEN: usize = usize::MAX;

enum Leaf<'a> {
    Integer(i64),
    Wide(i128),
    Number(f64),
    Bool(bool),
    Text(&'a str),
}

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut flat = Self::default();
        Collector { flat: &mut flat, depth: 0 }.deserialize(deserializer)?;
        Ok(flat)
    }
}

/// Collects what is within `depth` arrays.
struct Collector<'a> {
    flat: &'a mut Flat,
    depth: usize,
}

impl Collector<'_> {
    fn push<E>(self, leaf: Leaf<'_>) -> Result<(), E> {
        self.flat.push(leaf, self.depth);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Collector<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collector<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.push(Leaf::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let leaf = i64::try_from(value).map_or(Leaf::Wide(value.into()), Leaf::Integer);
        self.push(leaf)
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.push(Leaf::Number(value))
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.push(Leaf::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.push(Leaf::Text(value))
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.flat.fail(|| "null is no element of a tensor".to_owned());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if self.flat.lengths.len() == self.depth {
            self.flat.lengths.push(OPEN);
        }
        let mut length = 0;
        while array.next_element_seed(Collector { flat: self.flat, depth: self.depth + 1 })?.is_some() {
            length += 1;
        }
        self.flat.array(self.depth, length);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
        self.flat.fail(|| "an object is no element of a tensor".to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(json: &str) -> Flat {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn elements_keep_the_narrowest_kind_that_holds_them_all() {
        assert_eq!(flat("[1, -2]").kind, Kind::Integers(vec![1, -2]));
        assert_eq!(flat("[1, 18446744073709551615]").kind, Kind::Wide(vec![1, u64::MAX.into()]));
        assert_eq!(flat("[1, 2.5, 3]").kind, Kind::Numbers(vec![1.0, 2.5, 3.0]));
        assert_eq!(flat("[true]").kind, Kind::Bools(vec![true]));
        assert_eq!(flat(r#"["a", "\n"]"#).kind, Kind::Strings(vec!["a".to_owned(), "\n".to_owned()]));
        assert_eq!(flat("[]").kind, Kind::Empty);
    }

    #[test]
    fn nesting_gives_a_shape() {
        for (json, lengths) in [
            ("[]", &[0][..]),
            ("[[], []]", &[2, 0]),
            ("[1, 2, 3]", &[3]),
            ("[[1, 2, 3], [4, 5, 6]]", &[2, 3]),
            ("[[[1], [2]]]", &[1, 2, 1]),
        ] {
            let flat = flat(json);
            assert_eq!((flat.lengths.as_slice(), &flat.problem), (lengths, &None), "{json}");
        }
    }

    #[test]
    fn what_is_no_tensor_says_why() {
        for (json, problem) in [
            ("[[1, 2], [3]]", "arrays side by side have 2 and 1 elements"),
            ("[1, [2]]", "some elements are in more arrays than others"),
            ("[1, null]", "null is no element of a tensor"),
            ("[{}]", "an object is no element of a tensor"),
            ("[1, \"a\"]", "numbers, strings and truth values are mixed"),
        ] {
            assert_eq!(flat(json).problem.as_deref(), Some(problem), "{json}");
        }
    }
}
