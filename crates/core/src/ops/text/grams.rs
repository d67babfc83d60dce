use crate::ops::lookup::Lookup;
use crate::tensor_ref::DataRef;

/// A token that no n-gram has.
const UNKNOWN: u32 = u32::MAX;

/// The tokens of all n-grams, one n-gram after the other.
pub(super) enum Pool {
    Strings(Vec<String>),
    Integers(Vec<i64>),
}

/// The n-grams that count, as a tree of their tokens.
pub(super) struct Grams {
    tokens: Tokens,
    /// The nodes below the node of a first token, which has that token's number:
    /// by node and token, see [`edge`].
    below: Lookup<i64>,
    /// The n-gram that ends at each node.
    ends: Vec<Option<usize>>,
    count: usize,
}

/// The number of each token.
enum Tokens {
    Strings(Lookup<String>),
    Integers(Lookup<i64>),
}

/// The way from a node by a token.
fn edge(node: usize, token: u32) -> i64 {
    ((node as u64) << 32 | u64::from(token)).cast_signed()
}

impl Grams {
    /// The n-grams of `pool` with as many tokens as `lengths` allow; those of n
    /// tokens begin at the n-th of `counts`.
    pub(super) fn of(pool: &Pool, counts: &[i64], lengths: (usize, usize)) -> Result<Self, String> {
        let (tokens, numbers) = Tokens::of(pool);
        let first = numbers.iter().max().map_or(0, |last| *last as usize + 1);
        let mut grams = Self { tokens, below: Lookup::default(), ends: vec![None; first], count: 0 };
        if counts.len() < lengths.1 {
            return Err(format!("ngram_counts has no n-grams of {} tokens", lengths.1));
        }
        let total = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
        let ends = counts.iter().skip(1).chain([&total]);
        for (length, (start, end)) in (1..).zip(counts.iter().zip(ends)) {
            let part = usize::try_from(*start).ok().zip(usize::try_from(*end).ok());
            let part = part.and_then(|(start, end)| numbers.get(start..end));
            match part {
                Some(part) if part.len() % length == 0 => {
                    grams.extend(part, length, (lengths.0..=lengths.1).contains(&length))?;
                }
                _ => return Err("ngram_counts does not fit the pool".to_owned()),
            }
        }
        Ok(grams)
    }

    /// Adds n-grams of `length` tokens, if they are `wanted`; they have numbers
    /// all the same.
    fn extend(&mut self, tokens: &[u32], length: usize, wanted: bool) -> Result<(), String> {
        for gram in tokens.chunks_exact(length) {
            if wanted && !self.insert(gram, self.count) {
                return Err("the pool has an n-gram twice".to_owned());
            }
            self.count += 1;
        }
        Ok(())
    }

    /// False where the n-gram is there already.
    fn insert(&mut self, gram: &[u32], number: usize) -> bool {
        let Some((&first, rest)) = gram.split_first() else { return false };
        let mut node = first as usize;
        for &token in rest {
            let next = self.ends.len();
            node = self.below.enter(edge(node, token), next);
            if node == next {
                self.ends.push(None);
            }
        }
        let end = self.ends.get_mut(node);
        end.is_some_and(|end| end.replace(number).is_none())
    }

    /// The number of n-grams in the pool.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Appends the number of each token; false where the elements are not of the
    /// pool's type.
    pub(super) fn tokens(&self, data: DataRef<'_>, numbers: &mut Vec<u32>) -> bool {
        let number = |number: Option<usize>| number.map_or(UNKNOWN, |number| number as u32);
        match (&self.tokens, data) {
            (Tokens::Strings(known), DataRef::String(x)) => {
                numbers.extend(x.iter().map(|token| number(known.get(token.as_str()))));
            }
            (Tokens::Integers(known), DataRef::Int64(x)) => {
                numbers.extend(x.iter().map(|token| number(known.get(token))));
            }
            (Tokens::Integers(known), DataRef::Int32(x)) => {
                numbers.extend(x.iter().map(|&token| number(known.get(&i64::from(token)))));
            }
            _ => return false,
        }
        true
    }

    /// Calls `hit` with each n-gram of `least` or more tokens that `tokens` begin
    /// with.
    pub(super) fn walk(
        &self,
        mut tokens: impl Iterator<Item = u32>,
        least: usize,
        mut hit: impl FnMut(usize),
    ) {
        let Some(first) = tokens.next() else { return };
        let mut node = first as usize;
        for length in 1.. {
            // The end of an unknown token is not there.
            let Some(end) = self.ends.get(node) else { return };
            if let Some(gram) = end
                && length >= least
            {
                hit(*gram);
            }
            let next = tokens.next().and_then(|token| self.below.get(&edge(node, token)));
            let Some(next) = next else { return };
            node = next;
        }
    }
}

impl Tokens {
    /// The number of each token of the pool, and the pool in numbers.
    fn of(pool: &Pool) -> (Self, Vec<u32>) {
        match pool {
            Pool::Strings(pool) => {
                let (known, numbers) = numbered(pool);
                (Self::Strings(known), numbers)
            }
            Pool::Integers(pool) => {
                let (known, numbers) = numbered(pool);
                (Self::Integers(known), numbers)
            }
        }
    }
}

fn numbered<T: Clone + Eq + std::hash::Hash>(pool: &[T]) -> (Lookup<T>, Vec<u32>) {
    let mut known = Lookup::default();
    let mut number = |token: &T| {
        let next = known.len();
        known.enter(token.clone(), next) as u32
    };
    let numbers = pool.iter().map(&mut number).collect();
    (known, numbers)
}
