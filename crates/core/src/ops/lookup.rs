//! Keys to numbers, made once and asked often.

use std::borrow::Borrow;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A number for each key. Keys are the model's own, so that nobody can choose them to
/// collide. (Not inlined, so that all operators share the code.)
pub(crate) struct Lookup<K>(FxHashMap<K, usize>);

impl<K> Default for Lookup<K> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<K: Hash + Eq> Lookup<K> {
    /// The place of each key; of equal ones, that of the first.
    #[inline(never)]
    pub(crate) fn first(keys: Vec<K>) -> Self {
        let mut lookup = Self::default();
        for (place, key) in keys.into_iter().enumerate() {
            lookup.enter(key, place);
        }
        lookup
    }

    /// The place of each key; of equal ones, that of the last.
    #[inline(never)]
    pub(crate) fn last(keys: Vec<K>) -> Self {
        let mut lookup = Self::default();
        for (place, key) in keys.into_iter().enumerate().rev() {
            lookup.enter(key, place);
        }
        lookup
    }

    /// The number of `key`, which is `number` if it had none.
    #[inline(never)]
    pub(crate) fn enter(&mut self, key: K, number: usize) -> usize {
        *self.0.entry(key).or_insert(number)
    }

    #[inline(never)]
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).copied()
    }

    /// The number of keys.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_keys_the_first_or_the_last_is_found() {
        let keys = || vec!["a", "b", "a"];
        assert_eq!(Lookup::first(keys()).get("a"), Some(0));
        assert_eq!(Lookup::last(keys()).get("a"), Some(2));
        assert_eq!(Lookup::last(keys()).get("c"), None);
        assert_eq!(Lookup::last(keys()).len(), 2);
    }
}
