//! Random graphs of operators that both edgeinfer and tract have, on both: two
//! implementations that know nothing of each other give the same.
#![cfg(feature = "tract")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod onnx;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use edgeinfer_compiler::{Trials, verify};
use edgeinfer_core::ErrorKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use onnx::graphs::random_model;

#[test]
fn random_graphs_give_what_tract_gives() {
    let (tried, taken) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(192) });
    // The last one that fails is the smallest.
    let failed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random_graph.onnx");
    let outcome = runner.run(&prop::collection::vec(any::<u32>(), 4..64), |choices| {
        let (onnx, operators) = random_model(&choices);
        let trials = Trials { sizes: BTreeMap::new(), seed: 1, count: 1, tolerance: 1e-3 };
        tried.set(tried.get() + 1);
        match verify(&onnx, &trials) {
            Ok(differences) => {
                taken.set(taken.get() + 1);
                if differences.iter().any(|found| found.different > 0) {
                    fs::write(&failed, &onnx).unwrap();
                    prop_assert!(false, "{}: {operators:?}: {differences:?}", failed.display());
                }
            }
            Err(error) => {
                // What tract refuses says nothing of edgeinfer; all else is a failure.
                let refused = error.kind() == ErrorKind::UnsupportedModel
                    && error.message().starts_with("the reference, tract,");
                prop_assert!(refused, "{:?}: {}", operators, error);
            }
        }
        Ok(())
    });
    outcome.unwrap();
    let (tried, taken) = (tried.get(), taken.get());
    assert!(taken * 4 >= tried * 3, "tract took {taken} of {tried} graphs: they compare too little");
}
