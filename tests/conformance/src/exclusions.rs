//! The cases that need not pass, with a reason each.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::case::Case;
use crate::outcome::Outcome;

/// `exclusions.json`: cases by their suite and name. One `*` stands for anything.
const LIST: &str = include_str!("../exclusions.json");

/// Some cases, and why they need not pass.
#[derive(Deserialize)]
struct Exclusion {
    reason: String,
    cases: Vec<String>,
}

/// The list, and which of `cases` each entry of it is about.
pub(crate) struct Exclusions {
    reasons: BTreeMap<String, String>,
    /// Entries that no case is called like.
    unknown: Vec<String>,
}

impl Exclusions {
    /// The exclusions of `cases`.
    ///
    /// # Errors
    ///
    /// Where the list is no such list.
    pub(crate) fn new(cases: &[Case]) -> Result<Self> {
        let list: Vec<Exclusion> = serde_json::from_str(LIST).context("reading exclusions.json")?;
        let mut found = Self { reasons: BTreeMap::new(), unknown: Vec::new() };
        for Exclusion { reason, cases: entries } in list {
            for entry in entries {
                let about: Vec<_> = cases.iter().map(Case::id).filter(|id| is_like(id, &entry)).collect();
                if about.is_empty() {
                    found.unknown.push(entry);
                }
                found.reasons.extend(about.into_iter().map(|id| (id, reason.clone())));
            }
        }
        Ok(found)
    }

    /// Why the case need not pass.
    pub(crate) fn reason(&self, outcome: &Outcome) -> Option<&str> {
        self.reasons.get(&outcome.id()).map(String::as_str)
    }

    /// What is wrong with the list: entries without a case, and cases that pass.
    pub(crate) fn complaints(&self, outcomes: &[Outcome], all: bool) -> Vec<String> {
        let passing = outcomes.iter().filter(|outcome| outcome.failure.is_none());
        let needless = passing.filter(|outcome| self.reason(outcome).is_some());
        let needless = needless.map(|outcome| format!("{} is excluded, but passes", outcome.id()));
        let unknown = self.unknown.iter().filter(|_| all);
        let unknown = unknown.map(|entry| format!("{entry} is excluded, but no case is called like that"));
        needless.chain(unknown).map(|complaint| format!("exclusions.json: {complaint}")).collect()
    }
}

fn is_like(id: &str, entry: &str) -> bool {
    match entry.split_once('*') {
        Some((head, tail)) => {
            id.len() >= head.len() + tail.len() && id.starts_with(head) && id.ends_with(tail)
        }
        None => id == entry,
    }
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(is_like("node/test_abs", "node/test_abs"));
        assert!(is_like("node/test_abs_expanded", "node/test_*_expanded"));
        assert!(!is_like("node/test_abs", "node/test_ab"));
        assert!(!is_like("aba", "ab*ba"));
    }
}
