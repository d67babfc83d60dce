//! ONNX models made of a list of random numbers: each says which operator comes next
//! and how it is set.

use edgeinfer_onnx::{
    AttributeProto, DataType, Dim, Dimension, GraphProto, Message as _, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TensorType, Type, TypeProto, ValueInfoProto,
};

use super::{int, ints};

/// A model whose input is `[2, 4, 6, 6]`, and the names of its operators.
pub(crate) fn random_model(choices: &[u32]) -> (Vec<u8>, Vec<String>) {
    let mut builder = Builder { choices: choices.to_vec(), ..Builder::default() };
    builder.choices.reverse();
    let mut value = Value { name: "X".to_owned(), shape: vec![2, 4, 6, 6] };
    let input = declared(&value);
    while !builder.choices.is_empty() {
        value = builder.step(&value);
    }
    let operators = builder.nodes.iter().map(|node| node.op_type.clone()).collect();
    let graph = GraphProto {
        node: builder.nodes,
        initializer: builder.constants,
        input: vec![input],
        output: vec![declared(&value)],
        name: "random".to_owned(),
        ..GraphProto::default()
    };
    let model = ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { version: 17, ..OperatorSetIdProto::default() }],
        graph: Some(graph),
        ..ModelProto::default()
    };
    (model.encode_to_vec(), operators)
}

/// A value of the graph.
#[derive(Clone)]
struct Value {
    name: String,
    shape: Vec<usize>,
}

fn declared(value: &Value) -> ValueInfoProto {
    let dim = |&size: &usize| Dimension { value: Some(Dim::DimValue(size as i64)) };
    let shape = TensorShapeProto { dim: value.shape.iter().map(dim).collect() };
    let tensor = TensorType { elem_type: DataType::Float.into(), shape: Some(shape) };
    ValueInfoProto { name: value.name.clone(), r#type: Some(TypeProto { value: Some(Type::Tensor(tensor)) }) }
}

#[derive(Default)]
struct Builder {
    /// Those that are left, the next one last.
    choices: Vec<u32>,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Builder {
    /// One of `count`; 0 where no choices are left.
    fn one_of(&mut self, count: usize) -> usize {
        self.choices.pop().map_or(0, |choice| choice as usize % count.max(1))
    }

    /// Adds a random operator on `x`.
    fn step(&mut self, x: &Value) -> Value {
        const FUNCTIONS: [&str; 12] = [
            "Relu",
            "Sigmoid",
            "Tanh",
            "Neg",
            "Abs",
            "LeakyRelu",
            "Elu",
            "Softplus",
            "HardSigmoid",
            "Erf",
            "Softsign",
            "HardSwish",
        ];
        match self.one_of(13) {
            0 => {
                let function = FUNCTIONS[self.one_of(FUNCTIONS.len())];
                self.node(function, &[&x.name], vec![], x.shape.clone())
            }
            1 => self.with_constant(x),
            2 => self.with_itself(x),
            3 => self.product(x),
            4 if x.shape.len() == 4 => self.convolution(x),
            5 if x.shape.len() == 4 => self.pool(x),
            6 => self.reduction(x),
            7 => {
                let axis = int("axis", self.one_of(x.shape.len()) as i64);
                let name = ["Softmax", "LogSoftmax"][self.one_of(2)];
                self.node(name, &[&x.name], vec![axis], x.shape.clone())
            }
            8 => self.transposition(x),
            9 => self.slice(x),
            10 => self.normalization(x),
            11 => self.concatenation(x),
            _ => self.gathering(x),
        }
    }

    fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
        shape: Vec<usize>,
    ) -> Value {
        let name = format!("{}_{}", op.to_lowercase(), self.nodes.len());
        self.nodes.push(NodeProto {
            op_type: op.to_owned(),
            input: inputs.iter().map(ToString::to_string).collect(),
            output: vec![name.clone()],
            attribute,
            ..NodeProto::default()
        });
        Value { name, shape }
    }

    /// Numbers from -1 to 1.
    fn floats(&mut self, shape: &[usize]) -> String {
        let seed = self.constants.len() * 31 + 7;
        let number = |i: usize| ((i * 7919 + seed * 104_729) % 2001) as f32 / 1000.0 - 1.0;
        let values = (0..shape.iter().product()).map(number).collect();
        self.constant(shape, DataType::Float, |tensor| tensor.float_data = values)
    }

    fn whole(&mut self, values: &[i64]) -> String {
        self.constant(&[values.len()], DataType::Int64, |tensor| tensor.int64_data = values.to_vec())
    }

    fn constant(&mut self, shape: &[usize], kind: DataType, fill: impl FnOnce(&mut TensorProto)) -> String {
        let name = format!("c{}", self.constants.len());
        let dims = shape.iter().map(|&size| size as i64).collect();
        let mut tensor =
            TensorProto { name: name.clone(), dims, data_type: kind.into(), ..TensorProto::default() };
        fill(&mut tensor);
        self.constants.push(tensor);
        name
    }

    /// With a constant of fewer dimensions, or with some of size 1.
    fn with_constant(&mut self, x: &Value) -> Value {
        let op = ["Add", "Sub", "Mul", "Max", "Min", "PRelu"][self.one_of(6)];
        let skipped = self.one_of(x.shape.len() + 1);
        let mut shape = x.shape[skipped..].to_vec();
        if let Some(size) = shape.first_mut().filter(|_| self.one_of(2) == 1) {
            *size = 1;
        }
        let constant = self.floats(&shape);
        self.node(op, &[&x.name, &constant], vec![], x.shape.clone())
    }

    fn with_itself(&mut self, x: &Value) -> Value {
        let op = ["Add", "Mul", "Max"][self.one_of(3)];
        let other = self.node("Tanh", &[&x.name], vec![], x.shape.clone());
        self.node(op, &[&x.name, &other.name], vec![], x.shape.clone())
    }

    fn product(&mut self, x: &Value) -> Value {
        let Some((&width, rows)) = x.shape.split_last() else { return x.clone() };
        let height = 1 + self.one_of(9);
        let weights = self.floats(&[width, height]);
        let shape = [rows, &[height]].concat();
        let y = self.node("MatMul", &[&x.name, &weights], vec![], shape.clone());
        let bias = self.floats(&[height]);
        self.node("Add", &[&y.name, &bias], vec![], shape)
    }

    fn convolution(&mut self, x: &Value) -> Value {
        let channels = x.shape[1];
        let group = [1, channels][self.one_of(2)];
        let outputs = group * (1 + self.one_of(3));
        let (kernel, dilation) = (1 + self.one_of(3), 1 + self.one_of(2));
        // tract takes a stride that skips numbers to before a Softmax along it, which
        // then is one of fewer numbers, and leaves out the padding of a kernel of one.
        let (stride, pad) =
            if kernel == 1 { (1, 0) } else { (1 + self.one_of(2), self.one_of(2) + kernel / 2) };
        let reach = dilation * (kernel - 1);
        let size = |size: usize| (size + 2 * pad).checked_sub(reach + 1).map(|free| free / stride + 1);
        let (Some(height), Some(width)) = (size(x.shape[2]), size(x.shape[3])) else { return x.clone() };
        let weights = self.floats(&[outputs, channels / group, kernel, kernel]);
        let bias = self.floats(&[outputs]);
        let attributes = vec![
            int("group", group as i64),
            ints("kernel_shape", &[kernel as i64; 2]),
            ints("strides", &[stride as i64; 2]),
            ints("dilations", &[dilation as i64; 2]),
            ints("pads", &[pad as i64; 4]),
        ];
        let shape = vec![x.shape[0], outputs, height, width];
        let y = self.node("Conv", &[&x.name, &weights, &bias], attributes, shape);
        // So that sums of sums stay where float32 is exact enough to compare.
        self.node("Tanh", &[&y.name], vec![], y.shape.clone())
    }

    fn pool(&mut self, x: &Value) -> Value {
        let name = ["MaxPool", "AveragePool", "GlobalAveragePool"][self.one_of(3)];
        if name == "GlobalAveragePool" {
            return self.node(name, &[&x.name], vec![], vec![x.shape[0], x.shape[1], 1, 1]);
        }
        let stride = 1 + self.one_of(2);
        let [height, width] = [x.shape[2], x.shape[3]].map(|size| size.checked_sub(2));
        let (Some(height), Some(width)) = (height, width) else { return x.clone() };
        let attributes = vec![ints("kernel_shape", &[2; 2]), ints("strides", &[stride as i64; 2])];
        let shape = vec![x.shape[0], x.shape[1], height / stride + 1, width / stride + 1];
        self.node(name, &[&x.name], attributes, shape)
    }

    fn reduction(&mut self, x: &Value) -> Value {
        let name = ["ReduceMean", "ReduceMax", "ReduceMin"][self.one_of(3)];
        let axis = self.one_of(x.shape.len());
        let mut shape = x.shape.clone();
        shape[axis] = 1;
        let attributes = vec![ints("axes", &[axis as i64]), int("keepdims", 1)];
        self.node(name, &[&x.name], attributes, shape)
    }

    fn transposition(&mut self, x: &Value) -> Value {
        let by = self.one_of(x.shape.len());
        let mut order: Vec<usize> = (0..x.shape.len()).collect();
        order.rotate_left(by);
        let shape = order.iter().map(|&axis| x.shape[axis]).collect();
        let order: Vec<_> = order.iter().map(|&axis| axis as i64).collect();
        self.node("Transpose", &[&x.name], vec![ints("perm", &order)], shape)
    }

    fn slice(&mut self, x: &Value) -> Value {
        let axis = self.one_of(x.shape.len());
        let start = self.one_of(x.shape[axis]);
        let mut shape = x.shape.clone();
        shape[axis] -= start;
        let (starts, ends, axes) =
            (self.whole(&[start as i64]), self.whole(&[x.shape[axis] as i64]), self.whole(&[axis as i64]));
        self.node("Slice", &[&x.name, &starts, &ends, &axes], vec![], shape)
    }

    fn normalization(&mut self, x: &Value) -> Value {
        if x.shape.len() >= 2 && self.one_of(2) == 1 {
            let [scale, bias, mean] = [(); 3].map(|()| self.floats(&[x.shape[1]]));
            let variance = self.floats(&[x.shape[1]]);
            // No variance is below 0.
            let tensor = self.constants.last_mut().unwrap();
            tensor.float_data.iter_mut().for_each(|variance| *variance = variance.abs() + 0.5);
            let inputs = [&x.name, &scale, &bias, &mean, &variance].map(String::as_str);
            return self.node("BatchNormalization", &inputs, vec![], x.shape.clone());
        }
        let last = x.shape.last().copied().unwrap_or(1);
        let (scale, bias) = (self.floats(&[last]), self.floats(&[last]));
        self.node("LayerNormalization", &[&x.name, &scale, &bias], vec![], x.shape.clone())
    }

    fn concatenation(&mut self, x: &Value) -> Value {
        let axis = self.one_of(x.shape.len());
        let mut shape = x.shape.clone();
        // Graphs do not grow without end.
        if shape.iter().product::<usize>() > 4096 {
            return x.clone();
        }
        shape[axis] *= 2;
        self.node("Concat", &[&x.name, &x.name], vec![int("axis", axis as i64)], shape)
    }

    fn gathering(&mut self, x: &Value) -> Value {
        let axis = self.one_of(x.shape.len());
        let places = [self.one_of(x.shape[axis]), self.one_of(x.shape[axis])];
        let places = self.whole(&places.map(|place| place as i64));
        let mut shape = x.shape.clone();
        shape[axis] = 2;
        self.node("Gather", &[&x.name, &places], vec![int("axis", axis as i64)], shape)
    }
}
