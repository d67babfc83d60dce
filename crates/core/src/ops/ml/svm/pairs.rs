//! One machine for each pair of classes, as libsvm trains them: all of them
//! share the support vectors.

use std::ops::Range;

use super::kernel::SupportVectors;
use crate::Result;
use crate::bytes::Weights;
use crate::ops::Node;
use edgeinfer_kernels::wide_dot;

/// The machine that tells class `first` from class `second`.
struct Pair {
    first: usize,
    second: usize,
    /// The support vectors of each of them, and where the coefficients of those
    /// begin for this pair.
    terms: [(Range<usize>, Range<usize>); 2],
}

/// The machines of all pairs, in libsvm's order: of the first class with each
/// later one, of the second class with each later one, and so on.
pub(super) struct Pairs {
    pairs: Vec<Pair>,
    coefficients: Weights<f32>,
    rho: Weights<f32>,
}

impl Pairs {
    /// The number of support vectors of each class, and all of them together.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) for a number
    /// that cannot be.
    pub(super) fn vectors_per_class(node: &Node<'_>) -> Result<(Vec<Range<usize>>, usize)> {
        let mut end = 0usize;
        let mut class = |count: i64| {
            let start = end;
            end = start.checked_add(usize::try_from(count).ok()?)?;
            Some(start..end)
        };
        let ranges: Option<Vec<_>> = node.ints("vectors_per_class")?.into_iter().map(&mut class).collect();
        let ranges = ranges.ok_or_else(|| node.invalid("vectors_per_class: unexpected number"))?;
        Ok((ranges, end))
    }

    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where there
    /// are fewer numbers than pairs.
    pub(super) fn of(node: &Node<'_>, classes: &[Range<usize>], vectors: &SupportVectors) -> Result<Self> {
        let (coefficients, rho) = (node.floats("coefficients")?, node.floats("rho")?);
        let rows = classes.len().saturating_sub(1);
        let count = classes.len().saturating_mul(rows) / 2;
        if rho.len() < count || coefficients.len() < vectors.count().saturating_mul(rows) {
            let (rho, coefficients) = (rho.len(), coefficients.len());
            let message = format_args!(
                "{rho} numbers in rho and {coefficients} coefficients are too few for {count} pairs of classes"
            );
            return Err(node.invalid(message));
        }
        let row = |index: usize, range: &Range<usize>| {
            let start = index * vectors.count();
            start + range.start..start + range.end
        };
        let mut pairs = Vec::with_capacity(count);
        for (i, first) in classes.iter().enumerate() {
            for (j, second) in classes.iter().enumerate().skip(i + 1) {
                let terms = [(first.clone(), row(j - 1, first)), (second.clone(), row(i, second))];
                pairs.push(Pair { first: i, second: j, terms });
            }
        }
        Ok(Self { pairs, coefficients, rho })
    }

    /// The number of pairs.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The classes of each pair.
    pub(super) fn classes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.pairs.iter().map(|pair| (pair.first, pair.second))
    }

    /// The decision of each pair, which is positive for the first class.
    pub(super) fn decide<'a>(&'a self, kernels: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let coefficients = &*self.coefficients;
        let decision = move |(pair, rho): (&Pair, &f32)| {
            let term = |(vectors, place): &(Range<usize>, Range<usize>)| {
                let coefficients = coefficients.get(place.clone()).unwrap_or_default();
                wide_dot(coefficients, kernels.get(vectors.clone()).unwrap_or_default())
            };
            let [first, second] = &pair.terms;
            (term(first) + term(second) + f64::from(*rho)) as f32
        };
        self.pairs.iter().zip(&*self.rho).map(decision)
    }
}
