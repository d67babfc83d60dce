//! In which order nodes lie: parents before children, and both children of a
//! node side by side.

use super::steps::Step;
use super::trees::{TreeNode, Trees};
use crate::Result;
use crate::ops::Node;

/// The nodes in their order.
pub(super) struct Order {
    pub(super) cells: Vec<Cell>,
    /// The place of each tree's root among the cells.
    pub(super) roots: Vec<usize>,
    /// Whether every branch has one parent.
    pub(super) tree: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// A branch, and the place of its first child.
    Branch(Step, usize),
    /// A way to the branch at that place, which has several parents.
    Way(usize),
    Leaf(usize),
}

/// # Errors
///
/// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the way
/// down a tree goes round in a circle.
pub(super) fn of(trees: &Trees, node: &Node<'_>) -> Result<Order> {
    let circle = || node.invalid("the way down a tree goes round in a circle");
    let roots = &trees.roots;
    let steps: Vec<_> = trees.nodes.iter().map(|node| step(trees, node)).collect();
    let children = |index: usize| steps.get(index)?.as_ref().map(|step| step.children);
    let sizes = sizes(&postorder(roots, steps.len(), children).ok_or_else(circle)?, steps.len(), children);
    // The smaller subtree lies first: distances to children are shorter so.
    let size = |index: usize| sizes.get(index).copied().unwrap_or_default();
    let larger_first = |index| {
        let [first, second] = children(index)?;
        Some(if size(first) < size(second) { [second, first] } else { [first, second] })
    };
    let mut order = postorder(roots, steps.len(), larger_first).ok_or_else(circle)?;
    order.reverse();
    Ok(lay(steps, &order, trees))
}

/// The branch at `index` with its children past those that ask for nothing.
fn step(trees: &Trees, node: &TreeNode) -> Option<Step> {
    let TreeNode::Branch(branch) = node else { return None };
    let mut step = Step::of(branch);
    for child in &mut step.children {
        // A child that is not found goes round in a circle, and so do its
        // parents: the search for an order finds it.
        *child = trees.resolve(*child).unwrap_or(*child);
    }
    Some(step)
}

/// The nodes below `roots`, children before parents, the last root's first;
/// `None` where there is a circle.
fn postorder(
    roots: &[usize],
    count: usize,
    children: impl Fn(usize) -> Option<[usize; 2]>,
) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; count];
    let mut order = Vec::with_capacity(count);
    let mut open = Vec::new();
    for &root in roots.iter().rev() {
        open.push((root, 0));
        while let Some((index, next)) = open.pop() {
            let state = states.get_mut(index)?;
            match (next, *state) {
                (0, State::Done) => continue,
                (0, State::Open) => return None,
                _ => *state = State::Open,
            }
            match children(index).and_then(|children| children.get(next).copied()) {
                Some(child) => open.extend([(index, next + 1), (child, 0)]),
                None => {
                    *state = State::Done;
                    order.push(index);
                }
            }
        }
    }
    Some(order)
}

/// How many nodes are below each.
fn sizes(order: &[usize], count: usize, children: impl Fn(usize) -> Option<[usize; 2]>) -> Vec<usize> {
    let mut sizes = vec![1usize; count];
    for &index in order {
        let below = children(index).into_iter().flatten().filter_map(|child| sizes.get(child));
        let size = below.fold(1usize, |sum, size| sum.saturating_add(*size));
        if let Some(place) = sizes.get_mut(index) {
            *place = size;
        }
    }
    sizes
}

fn lay(mut steps: Vec<Option<Step>>, order: &[usize], trees: &Trees) -> Order {
    let roots = &trees.roots;
    let mut parents = vec![0u32; steps.len()];
    let below = order.iter().filter_map(|&index| steps.get(index)?.as_ref()).flat_map(|step| step.children);
    for child in below.chain(roots.iter().copied()) {
        if let Some(parents) = parents.get_mut(child) {
            *parents = parents.saturating_add(1);
        }
    }
    let branch = |index: usize| matches!(trees.nodes.get(index), Some(TreeNode::Branch(_)));
    let shared = |index: usize| branch(index) && parents.get(index).is_some_and(|&parents| parents > 1);
    let mut places = vec![None; steps.len()];
    let mut cells: Vec<Cell> = Vec::with_capacity(order.len());
    // A root, and a branch with several parents, has no place beside a sibling.
    let place = |index: usize, cells: &mut Vec<Cell>, places: &mut Vec<Option<usize>>| {
        if let Some(place) = places.get_mut(index) {
            *place = Some(cells.len());
        }
        cells.push(match trees.nodes.get(index) {
            Some(TreeNode::Leaf(leaf)) => Cell::Leaf(*leaf),
            _ => Cell::Way(index),
        });
    };
    for &index in order {
        let alone = places.get(index).copied().flatten().is_none();
        if alone {
            place(index, &mut cells, &mut places);
        }
        let Some(step) = steps.get_mut(index).and_then(Option::take) else { continue };
        let first = cells.len();
        for child in step.children {
            if shared(child) {
                cells.push(Cell::Way(child));
            } else {
                place(child, &mut cells, &mut places);
            }
        }
        let own = places.get(index).copied().flatten();
        if let Some(cell) = own.and_then(|own| cells.get_mut(own)) {
            *cell = Cell::Branch(step, first);
        }
    }
    let tree = !order.iter().any(|&index| shared(index));
    let place = |index: usize| places.get(index).copied().flatten().unwrap_or_default();
    for cell in &mut cells {
        if let Cell::Way(to) = cell {
            *to = place(*to);
        }
    }
    Order { roots: roots.iter().map(|&root| place(root)).collect(), cells, tree }
}
