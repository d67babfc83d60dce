//! Ensembles of decision trees: `ai.onnx.ml.TreeEnsembleClassifier` and
//! `TreeEnsembleRegressor` (versions 1 and 3) and `TreeEnsemble` (version 5).
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html>
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html>
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html>
//!
//! ONNX lists the fields of nodes one by one. [`pack`] makes of each of the
//! three the one operator that runs, `edgeinfer.TreeEnsemble`, whose arrays are
//! used where they lie:
//!
//! | attribute | what |
//! |---|---|
//! | `trees` | uint32, the node at each tree's root |
//! | `nodes`, `slots`, `strict` | the nodes of a plain forest: [`plain`] |
//! | `thresholds`, `links`, `sets`, `set_ends` | those of any other: [`general`] |
//! | `leaf_weights`, `leaf_targets`, `leaf_ends`, `only_target` | what leaves add to scores: [`leaves`] |
//! | `features` | the fewest features that a row has |
//! | `targets` | the number of scores of a row |
//! | `aggregate_function`, `post_transform`, `base_values` | as ONNX's |
//! | `classlabels_int64s`, `classlabels_strings` | a classifier's, as ONNX's |
//! | `single_score` | what the one score of a classifier of two classes is: `probability`, `distance` |
//! | `typed` | 1: scores are of X's type, not float32 |
//!
//! The nodes of both kinds of forest lie so that the second child of a node
//! follows the first one, and children come after their parents: every walk
//! ends.

mod classifier;
mod general;
mod leaf_sets;
mod leaves;
mod operator;
mod pack;
mod plain;
mod rows;
mod scores;
mod sums;
mod walk;

#[cfg(test)]
mod tests;

pub(super) use operator::build;
pub(crate) use pack::pack;

/// The name of the packed operator, in the domain of fused ones.
pub(super) const NAME: &str = "TreeEnsemble";
