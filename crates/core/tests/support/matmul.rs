use edgeinfer_core::{Engine, EngineFormat, EngineLoader, Result, Tensor, TensorData, Value};

/// Multiplies its two inputs; gives the product and its shape.
pub(crate) fn matmul() -> EngineLoader {
    EngineLoader { format: EngineFormat::Onnx, load: |_, _| Ok(Box::new(MatMul)) }
}

struct MatMul;

impl Engine for MatMul {
    fn name(&self) -> &str {
        "matmul"
    }

    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Value>> {
        let (left, right) = (&inputs[0], &inputs[1]);
        let (n, k, m) = (left.shape()[0], left.shape()[1], right.shape()[1]);
        let (a, b) = (left.as_f32().unwrap(), right.as_f32().unwrap());
        let element = |row, column| (0..k).map(|i| a[row * k + i] * b[i * m + column]).sum();
        let product = (0..n * m).map(|at| element(at / m, at % m)).collect();
        let shape = TensorData::Int64(vec![n as i64, m as i64]);
        Ok(vec![
            Value::Tensor(Tensor::from_f32(vec![n, m], product)?),
            Value::Tensor(Tensor::new(vec![2], shape)?),
        ])
    }
}
