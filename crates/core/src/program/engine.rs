use std::sync::{Mutex, PoisonError};

use smallvec::SmallVec;

use super::Program;
use crate::ops::{Scope, ValueRef};
use crate::plan::Plan;
use crate::{Engine, ModelBytes, Result, Value, Values};

/// This crate's own engine: runs a plan.
pub(crate) struct PlanEngine {
    program: Program,
    /// The buffers of runs that are over, one scope for each that ran at once.
    #[expect(clippy::vec_box, reason = "a scope is large, and moves out and in with every run")]
    spare: Mutex<Vec<Box<Scope>>>,
}

impl PlanEngine {
    /// # Errors
    ///
    /// As [`Program::new`].
    pub(crate) fn new(plan: &Plan, section: &ModelBytes) -> Result<Self> {
        Ok(Self { program: Program::new(plan, section)?, spare: Mutex::default() })
    }

    fn with_scope<T>(&self, work: impl FnOnce(&mut Scope) -> T) -> T {
        let lock = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = lock().pop();
        let mut scope = spare.unwrap_or_default();
        let done = work(&mut scope);
        lock().push(scope);
        done
    }
}

impl Engine for PlanEngine {
    fn name(&self) -> &str {
        "edgeinfer"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let inputs: SmallVec<[_; 16]> = inputs.iter().map(ValueRef::from).collect();
        self.with_scope(|scope| {
            scope.begin();
            self.program.run(&inputs, scope)
        })
    }

    fn recycle(&self, values: Values) {
        self.with_scope(|scope| values.into_iter().for_each(|value| scope.recycle(value)));
    }
}
