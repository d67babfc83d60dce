//! Nodes by the numbers of their tree and of themselves.

use std::collections::{BTreeSet, HashMap};

use super::read::expect;
use crate::Result;
use crate::ops::Node;

pub(super) type Id = (i64, i64);

pub(super) struct Ids {
    /// In the order of the list.
    ids: Vec<Id>,
    /// The place of each of them.
    places: HashMap<Id, usize>,
}

impl Ids {
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let (trees, nodes) = (node.ints("nodes_treeids")?, node.ints("nodes_nodeids")?);
        expect(node, "nodes_nodeids", nodes.len(), trees.len())?;
        let ids: Vec<_> = trees.into_iter().zip(nodes).collect();
        let mut places = HashMap::with_capacity(ids.len());
        for (place, &id) in ids.iter().enumerate() {
            if places.insert(id, place).is_some() {
                return Err(node.invalid(format_args!("node {} is in tree {} twice", id.1, id.0)));
            }
        }
        Ok(Self { ids, places })
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn place(&self, node: &Node<'_>, id: Id) -> Result<usize> {
        let place = self.places.get(&id).copied();
        place.ok_or_else(|| node.invalid(format_args!("node {} of tree {} is not there", id.1, id.0)))
    }

    /// The place of another node of the tree that the one at `place` is in.
    pub(super) fn sibling(&self, node: &Node<'_>, place: usize, id: i64) -> Result<usize> {
        let tree = self.ids.get(place).map_or(0, |&(tree, _)| tree);
        self.place(node, (tree, id))
    }

    /// The first node of each tree.
    pub(super) fn roots(&self, node: &Node<'_>) -> Result<Vec<usize>> {
        let mut seen = BTreeSet::new();
        let mut before = None;
        let mut roots = Vec::new();
        for (place, &(tree, _)) in self.ids.iter().enumerate() {
            if before == Some(tree) {
                continue;
            }
            if !seen.insert(tree) {
                let message = format_args!("the nodes of tree {tree} are not listed together");
                return Err(node.unsupported(message));
            }
            before = Some(tree);
            roots.push(place);
        }
        Ok(roots)
    }
}
