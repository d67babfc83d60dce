//! Forests of any kind: each branch with its own comparison, sets of numbers,
//! float64 thresholds, and nodes that several others lead to.
//!
//! A node is a threshold and two words, its link: the feature, and a word with
//! the [mode](Mode) in the lowest three bits, in the next one whether missing
//! numbers count as yes, and above them how far the child for yes is; that for
//! no follows it. A leaf has its number in the first word.

use std::borrow::Cow;

use super::rows::{Rows, Take};
use crate::Result;
use crate::bytes::Weights;
use crate::ops::{Node, Scope, numbers};
use crate::tensor_ref::{DataRef, TensorRef};

pub(super) const MISSING_BIT: u32 = 1 << 3;
pub(super) const DISTANCE_SHIFT: u32 = 4;

/// What a node asks of a number. The modes that have a negation in ONNX are
/// packed without it: their children change places, and so do missing numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Leaf = 0,
    /// Leads to its child, whatever the number: to a node with several parents.
    Always = 1,
    LessOrEqual = 2,
    Less = 3,
    Equal = 4,
    /// Whether the number is in a set, whose number the threshold is.
    Member = 5,
    /// The same of the number without its fraction.
    WholeMember = 6,
}

impl Mode {
    fn of(link: u32) -> Option<Self> {
        Some(match link & (MISSING_BIT - 1) {
            0 => Self::Leaf,
            1 => Self::Always,
            2 => Self::LessOrEqual,
            3 => Self::Less,
            4 => Self::Equal,
            5 => Self::Member,
            6 => Self::WholeMember,
            _ => return None,
        })
    }
}

pub(super) struct GeneralForest {
    thresholds: Weights<f64>,
    links: Weights<u32>,
    pub(super) roots: Weights<u32>,
    /// The numbers of all sets, each in ascending order, and where each ends.
    sets: Weights<f64>,
    set_ends: Weights<u32>,
}

impl GeneralForest {
    /// The forest of `node`, whose leaves have numbers below `leaves`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where a node
    /// goes beyond the nodes, the sets, the leaves or `features`.
    pub(super) fn of(node: &Node<'_>, leaves: usize, features: usize) -> Result<Self> {
        let forest = Self {
            thresholds: node.weights("thresholds")?,
            links: node.weights("links")?,
            roots: node.weights("trees")?,
            sets: node.weights("sets")?,
            set_ends: node.weights("set_ends")?,
        };
        let count = forest.thresholds.len();
        if forest.links.len() != count.saturating_mul(2)
            || forest.roots.iter().any(|&root| root as usize >= count)
        {
            return Err(node.invalid("thresholds, links and trees do not fit each other"));
        }
        let mut nodes = forest.thresholds.iter().zip(forest.links()).enumerate();
        if nodes.all(|(index, (&threshold, &link))| forest.checked(index, threshold, link, leaves, features))
        {
            return Ok(forest);
        }
        Err(node.invalid("links: a child, a feature, a set or a leaf is not there"))
    }

    fn checked(
        &self,
        index: usize,
        threshold: f64,
        [first, link]: [u32; 2],
        leaves: usize,
        features: usize,
    ) -> bool {
        let distance = (link >> DISTANCE_SHIFT) as usize;
        let child = distance > 0 && index + distance < self.thresholds.len();
        let children = child && index + distance + 1 < self.thresholds.len() && (first as usize) < features;
        match Mode::of(link) {
            None => false,
            Some(Mode::Leaf) => (first as usize) < leaves,
            Some(Mode::Always) => child,
            Some(Mode::Member | Mode::WholeMember) => children && self.set(threshold).is_some(),
            Some(_) => children,
        }
    }

    fn links(&self) -> &[[u32; 2]] {
        self.links.as_chunks().0
    }

    fn set(&self, number: f64) -> Option<&[f64]> {
        // A number beyond all sets, or none, is that of no set.
        let number = number as usize;
        let end = *self.set_ends.get(number)? as usize;
        let start = number.checked_sub(1).and_then(|before| self.set_ends.get(before)).map_or(0, |&end| end);
        self.sets.get(start as usize..end)
    }

    /// X as float64, integers rounded to float32 first: onnxruntime compares
    /// them with float32 thresholds.
    pub(super) fn features<'a>(x: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f64]>> {
        if let DataRef::Float64(doubles) = x.data {
            return Ok(Cow::Borrowed(doubles));
        }
        let floats = numbers::floats(x, scope)?;
        let mut values = scope.vec(floats.len())?;
        values.extend(floats.iter().map(|&x| f64::from(x)));
        scope.keep_cow(floats);
        Ok(Cow::Owned(values))
    }

    /// Gives `take` the leaves of all rows.
    pub(super) fn leaves(&self, x: &Rows<'_, f64>, scope: &mut Scope, take: &mut Take<'_>) -> Result<()> {
        let mut leaves = scope.vec(self.roots.len())?;
        for row in 0..x.count {
            let features = x.row(row);
            leaves.clear();
            leaves.extend(self.roots.iter().map(|&root| self.walk(root as usize, features)));
            take(&leaves, row..row + 1);
        }
        scope.keep(leaves);
        Ok(())
    }

    fn walk(&self, mut at: usize, row: &[f64]) -> u32 {
        let links = self.links();
        // Distances are greater than zero: the walk ends.
        while let (Some(&threshold), Some(&[first, link])) = (self.thresholds.get(at), links.get(at)) {
            let x = row.get(first as usize).copied().unwrap_or_default();
            let yes = match Mode::of(link) {
                None | Some(Mode::Leaf) => return first,
                Some(Mode::Always) => true,
                Some(Mode::LessOrEqual) => x <= threshold,
                Some(Mode::Less) => x < threshold,
                Some(Mode::Equal) => x == threshold,
                Some(Mode::Member) => self.has(threshold, x),
                Some(Mode::WholeMember) => self.has(threshold, x.trunc()),
            };
            let yes = yes || link & MISSING_BIT != 0 && x.is_nan();
            at = at.saturating_add((link >> DISTANCE_SHIFT) as usize + usize::from(!yes));
        }
        0
    }

    fn has(&self, set: f64, x: f64) -> bool {
        let set = self.set(set).unwrap_or_default();
        // Zero has one sign in sets.
        let x = x + 0.0;
        set.binary_search_by(|member| member.total_cmp(&x)).is_ok()
    }
}
