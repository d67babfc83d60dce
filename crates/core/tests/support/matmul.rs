use edgeinfer_core::{Engine, Result, Schema, Tensor, TensorData, Value, Values};

/// Multiplies its two inputs; gives the product and its shape.
pub(crate) fn matmul(_: &[u8], _: &Schema) -> Result<Box<dyn Engine>> {
    Ok(Box::new(MatMul))
}

struct MatMul;

impl Engine for MatMul {
    fn name(&self) -> &str {
        "matmul"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let (left, right) = (inputs[0].as_tensor().unwrap(), inputs[1].as_tensor().unwrap());
        let (n, k, m) = (left.shape()[0], left.shape()[1], right.shape()[1]);
        let (a, b) = (left.as_f32().unwrap(), right.as_f32().unwrap());
        let element = |row, column| (0..k).map(|i| a[row * k + i] * b[i * m + column]).sum();
        let product = (0..n * m).map(|at| element(at / m, at % m)).collect();
        let shape = TensorData::Int64(vec![n as i64, m as i64]);
        let product = Tensor::from_f32(vec![n, m], product)?;
        Ok(Values::from([product.into(), Tensor::new(vec![2], shape)?.into()]))
    }
}
