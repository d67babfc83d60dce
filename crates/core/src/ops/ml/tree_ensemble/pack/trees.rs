//! Trees as a graph of nodes, whichever way ONNX wrote them.

/// The nodes of all trees; children and roots by their place in `nodes`.
pub(super) struct Trees {
    pub(super) nodes: Vec<TreeNode>,
    pub(super) roots: Vec<usize>,
    pub(super) leaves: LeafEntries,
    /// Whether thresholds are float64.
    pub(super) double: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TreeNode {
    Branch(Branch),
    /// The number of a leaf.
    Leaf(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub(super) test: Test,
    pub(super) feature: u32,
    /// Whether missing numbers pass the test.
    pub(super) missing: bool,
    pub(super) yes: usize,
    pub(super) no: usize,
}

/// What a branch asks of a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Than(Than, f64),
    Equal(f64),
    NotEqual(f64),
    /// Whether it is one of these, or, `whole`, it is without its fraction.
    Member {
        set: Vec<f64>,
        whole: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Than {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
}

/// For each leaf its targets and weights, in the order in which they are summed.
#[derive(Default)]
pub(super) struct LeafEntries {
    pub(super) entries: Vec<(u32, f64)>,
    /// Where the entries of each leaf end.
    pub(super) ends: Vec<usize>,
    /// Whether weights are float64.
    pub(super) double: bool,
}

impl LeafEntries {
    /// Ends a leaf, whose entries are those since the last one; gives its
    /// number.
    pub(super) fn end(&mut self) -> usize {
        self.ends.push(self.entries.len());
        self.ends.len() - 1
    }

    pub(super) fn push(&mut self, target: u32, weight: f64) {
        // -0 says in the packed form that there is none.
        self.entries.push((target, if weight == 0.0 { 0.0 } else { weight }));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[(u32, f64)]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.entries.get(start..end).unwrap_or_default())
    }
}

impl Test {
    /// The comparison of that name in ONNX before version 5.
    pub(super) fn named(mode: &str, value: f64) -> Option<Self> {
        Some(match mode {
            "BRANCH_LEQ" => Self::Than(Than::LessOrEqual, value),
            "BRANCH_LT" => Self::Than(Than::Less, value),
            "BRANCH_GTE" => Self::Than(Than::GreaterOrEqual, value),
            "BRANCH_GT" => Self::Than(Than::Greater, value),
            "BRANCH_EQ" => Self::Equal(value),
            "BRANCH_NEQ" => Self::NotEqual(value),
            _ => return None,
        })
    }

    /// The numbers of which it asks for one.
    fn exact_set(&self) -> Option<Vec<f64>> {
        match self {
            Self::Equal(value) => Some(vec![*value]),
            Self::Member { set, whole: false } => Some(set.clone()),
            _ => None,
        }
    }
}

impl TreeNode {
    fn branch(&self) -> Option<&Branch> {
        if let Self::Branch(branch) = self { Some(branch) } else { None }
    }
}

impl Trees {
    /// The node at `index`, past branches that lead to the same node either way;
    /// `None` where these go round in a circle.
    pub(super) fn resolve(&self, mut index: usize) -> Option<usize> {
        for _ in 0..=self.nodes.len() {
            match self.nodes.get(index)? {
                TreeNode::Branch(branch) if branch.yes == branch.no => index = branch.yes,
                _ => return Some(index),
            }
        }
        None
    }

    /// Makes one question after a set of numbers of those after each of them, one
    /// after the other, with the same answer: so it is that converters write
    /// splits by category. (onnxruntime does it too, but takes leaves for the same
    /// that are different ones.)
    pub(super) fn join_equals(&mut self) {
        let mut joined = vec![false; self.nodes.len()];
        for index in 0..self.nodes.len() {
            if joined.get(index) == Some(&true) {
                continue;
            }
            let Some((set, no)) = self.joined(index, &mut joined) else { continue };
            if let Some(TreeNode::Branch(branch)) = self.nodes.get_mut(index) {
                branch.test = Test::Member { set, whole: false };
                branch.no = no;
            }
        }
    }

    /// The set and the other child of the branch at `index` and those after it,
    /// which are noted in `joined`; `None` where there is nothing to join.
    fn joined(&self, index: usize, joined: &mut [bool]) -> Option<(Vec<f64>, usize)> {
        let branch = self.nodes.get(index)?.branch()?;
        let like = |other: &Branch| (other.feature, other.missing, other.yes);
        let mut set = branch.test.exact_set()?;
        let mut no = branch.no;
        // In a circle there is no end to it.
        for _ in 0..self.nodes.len() {
            let next =
                self.nodes.get(no).and_then(TreeNode::branch).filter(|next| like(next) == like(branch));
            let Some((next, more)) = next.and_then(|next| Some((next, next.test.exact_set()?))) else {
                break;
            };
            set.extend(more);
            *joined.get_mut(no)? = true;
            no = next.no;
        }
        (no != branch.no).then_some((set, no))
    }
}
