//! ONNX's lists of nodes, and the naive twin: it walks them as they are.

use crate::ops::testing::{Case, f32s};
use crate::{Tensor, TensorData};

/// The attributes of TreeEnsembleRegressor and TreeEnsembleClassifier.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    pub(super) nodes: Vec<ListedNode>,
    pub(super) entries: Vec<Entry>,
    pub(super) targets: usize,
}

#[derive(Clone, Debug)]
pub(super) struct ListedNode {
    /// The numbers of its tree and of itself.
    pub(super) id: (i64, i64),
    pub(super) mode: &'static str,
    pub(super) feature: i64,
    pub(super) value: f64,
    pub(super) missing: bool,
    pub(super) yes: i64,
    pub(super) no: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: (i64, i64),
    pub(super) target: i64,
    pub(super) weight: f64,
}

/// One branch and its two leaves: x <= 1 or not.
pub(super) fn stump() -> Lists {
    let node =
        |id, mode, yes, no| ListedNode { id: (0, id), mode, feature: 0, value: 1.0, missing: false, yes, no };
    let entry = |id, weight| Entry { id: (0, id), target: 0, weight };
    Lists {
        nodes: vec![node(0, "BRANCH_LEQ", 1, 2), node(1, "LEAF", 0, 0), node(2, "LEAF", 0, 0)],
        entries: vec![entry(1, 10.0), entry(2, 20.0)],
        targets: 1,
    }
}

impl Lists {
    pub(super) fn regressor(&self) -> Case {
        self.case("TreeEnsembleRegressor", "target", false).int("n_targets", self.targets as i64)
    }

    /// With float64 thresholds and weights.
    pub(super) fn double_regressor(&self) -> Case {
        self.case("TreeEnsembleRegressor", "target", true).int("n_targets", self.targets as i64)
    }

    pub(super) fn classifier(&self, labels: &[i64]) -> Case {
        self.case("TreeEnsembleClassifier", "class", false).ints("classlabels_int64s", labels)
    }

    fn case(&self, op: &str, prefix: &str, double: bool) -> Case {
        let of = |field: fn(&ListedNode) -> i64| self.nodes.iter().map(field).collect::<Vec<_>>();
        let modes: Vec<_> = self.nodes.iter().map(|node| node.mode).collect();
        let entries = |field: fn(&Entry) -> i64| self.entries.iter().map(field).collect::<Vec<_>>();
        let case = Case::new("ai.onnx.ml", op, 3)
            .ints("nodes_treeids", &of(|node| node.id.0))
            .ints("nodes_nodeids", &of(|node| node.id.1))
            .ints("nodes_featureids", &of(|node| node.feature))
            .ints("nodes_truenodeids", &of(|node| node.yes))
            .ints("nodes_falsenodeids", &of(|node| node.no))
            .ints("nodes_missing_value_tracks_true", &of(|node| i64::from(node.missing)))
            .strings("nodes_modes", &modes)
            .ints(&format!("{prefix}_treeids"), &entries(|entry| entry.id.0))
            .ints(&format!("{prefix}_nodeids"), &entries(|entry| entry.id.1))
            .ints(&format!("{prefix}_ids"), &entries(|entry| entry.target));
        let values = self.nodes.iter().map(|node| node.value).collect();
        let weights = self.entries.iter().map(|entry| entry.weight).collect();
        let case = numbers(case, "nodes_values", values, double);
        numbers(case, &format!("{prefix}_weights"), weights, double)
    }

    /// The leaf that each tree's root leads `row` to.
    fn leaves<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = &'a ListedNode> {
        let roots = self
            .nodes
            .iter()
            .enumerate()
            .filter(|&(place, node)| place == 0 || self.nodes[place - 1].id.0 != node.id.0);
        roots.map(|(_, root)| {
            let mut node = root;
            while node.mode != "LEAF" {
                let (x, value) = (row[node.feature as usize], node.value);
                let yes = match node.mode {
                    "BRANCH_LEQ" => x <= value,
                    "BRANCH_LT" => x < value,
                    "BRANCH_GTE" => x >= value,
                    "BRANCH_GT" => x > value,
                    "BRANCH_EQ" => x == value,
                    "BRANCH_NEQ" => x != value,
                    mode => panic!("unexpected {mode}"),
                };
                let next = if yes || node.missing && x.is_nan() { node.yes } else { node.no };
                node = self.nodes.iter().find(|other| other.id == (node.id.0, next)).unwrap();
            }
            node
        })
    }

    /// What leaves add, in the order in which they do: targets and weights.
    fn added(&self, row: &[f64]) -> Vec<(usize, f64)> {
        let mut added = Vec::new();
        for leaf in self.leaves(row) {
            let entries = self.entries.iter().filter(|entry| entry.id == leaf.id);
            let mut entries: Vec<_> = entries.map(|entry| (entry.target as usize, entry.weight)).collect();
            if self.targets == 1 {
                entries.truncate(1);
                if entries.is_empty() {
                    entries.push((0, leaf.value));
                }
            }
            added.append(&mut entries);
        }
        added
    }

    fn trees(&self) -> usize {
        self.nodes.chunk_by(|one, next| one.id.0 == next.id.0).count()
    }
}

fn numbers(case: Case, name: &str, values: Vec<f64>, double: bool) -> Case {
    if double {
        let tensor = Tensor::new(vec![values.len()], TensorData::Float64(values)).unwrap();
        return case.tensor(&format!("{name}_as_tensor"), &tensor);
    }
    case.floats(name, &values.iter().map(|&value| value as f32).collect::<Vec<_>>())
}

/// The naive twin's scores of a row, in each of the types that sums are of.
macro_rules! twin {
    ($name:ident, $type:ty) => {
        impl Lists {
            /// `None` where no leaf adds to a target.
            pub(super) fn $name(&self, row: &[f64], aggregate: &str) -> Vec<Option<$type>> {
                let mut scores: Vec<Option<$type>> = vec![None; self.targets];
                for (target, weight) in self.added(row) {
                    let weight = weight as $type;
                    let score = &mut scores[target];
                    *score = Some(match (*score, aggregate) {
                        (None, "SUM" | "AVERAGE") => 0.0 + weight,
                        (None, _) => weight,
                        (Some(score), "MIN") => {
                            if weight < score {
                                weight
                            } else {
                                score
                            }
                        }
                        (Some(score), "MAX") => {
                            if weight > score {
                                weight
                            } else {
                                score
                            }
                        }
                        (Some(score), _) => score + weight,
                    });
                }
                if aggregate == "AVERAGE" {
                    let trees = self.trees() as $type;
                    scores.iter_mut().flatten().for_each(|score| *score /= trees);
                }
                scores
            }
        }
    };
}

twin!(singles, f32);
twin!(doubles, f64);

/// Rows of one feature.
pub(super) fn column(values: &[f32]) -> Tensor {
    f32s(&[values.len(), 1], values)
}
