use edgeinfer_core::{Engine, Result, Schema, Value, Values};

/// Gives its inputs back.
pub(crate) fn echo(_: &[u8], _: &Schema) -> Result<Box<dyn Engine>> {
    Ok(Box::new(Echo))
}

struct Echo;

impl Engine for Echo {
    fn name(&self) -> &str {
        "echo"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        Ok(inputs.into())
    }
}
