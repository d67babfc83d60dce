//! onnxruntime's operators on quantised tensors, each an operator of ONNX on the
//! numbers that they stand for: `QLinearAdd`, `QLinearMul`, `QLinearLeakyRelu`,
//! `QLinearSigmoid`, `QLinearSoftmax`, `QLinearAveragePool`,
//! `QLinearGlobalAveragePool`, `QLinearReduceMean`, `QLinearConcat`,
//! `QLinearWhere`.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>

use smallvec::SmallVec;

use super::scales::Scales;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, build as build_any, failed, one};
use crate::plan::Step;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData, Value};

struct OnNumbers {
    inner: Box<dyn Operator>,
    layout: Layout,
}

/// Where the operands are, each with its scale and its zero point, and where the
/// scale and the zero point of the result.
#[derive(Clone, Copy)]
enum Layout {
    /// So many operands, then the result's.
    Operands(usize),
    /// One operand, each element of which is calculated with alone.
    Single,
    /// The result's, then any number of operands.
    Listed,
    /// A condition as it is, two operands, then the result's.
    Chosen,
}

/// By its name here: ONNX's name and version of the operator, and the layout.
const OPERATORS: &[(&str, &str, u32, Layout)] = &[
    ("QLinearAdd", "Add", 14, Layout::Operands(2)),
    ("QLinearMul", "Mul", 14, Layout::Operands(2)),
    ("QLinearLeakyRelu", "LeakyRelu", 16, Layout::Single),
    ("QLinearSigmoid", "Sigmoid", 13, Layout::Single),
    ("QLinearSoftmax", "Softmax", 13, Layout::Operands(1)),
    ("QLinearAveragePool", "AveragePool", 11, Layout::Operands(1)),
    ("QLinearGlobalAveragePool", "GlobalAveragePool", 1, Layout::Operands(1)),
    ("QLinearReduceMean", "ReduceMean", 13, Layout::Operands(1)),
    ("QLinearConcat", "Concat", 13, Layout::Listed),
    ("QLinearWhere", "Where", 16, Layout::Chosen),
];

/// The operator by the node's name.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let operator = OPERATORS.iter().find(|operator| operator.0 == node.step().op);
    let &(_, op, version, layout) =
        operator.ok_or_else(|| node.unsupported("this operator is not supported"))?;
    if node.flag("channels_last", false)? {
        return Err(node.unsupported("channels_last is not supported"));
    }
    // Softmax says which version of it is meant.
    let version = u32::try_from(node.int_or("opset", version.into())?).unwrap_or(version);
    let step = Step { domain: String::new(), op: op.to_owned(), version, ..node.step().clone() };
    Ok(Box::new(OnNumbers { inner: build_any(&node.with(&step))?, layout }))
}

impl Operator for OnNumbers {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let given = inputs.len();
        let (as_it_is, first, operands, result) = match self.layout {
            Layout::Operands(count) => (0, 0, count, count * 3),
            Layout::Single => (0, 0, 1, 3),
            Layout::Listed => (0, 2, given.saturating_sub(2) / 3, 0),
            Layout::Chosen => (1, 1, 2, 7),
        };
        let operand = |index: usize| first + 3 * index;
        let x = inputs.tensor(operand(0))?;
        if matches!(self.layout, Layout::Single) && x.len() > CODES {
            return self.by_table(&x, inputs, scope);
        }
        let mut numbers: SmallVec<[_; 4]> = SmallVec::new();
        for place in (0..operands).map(operand) {
            let x = inputs.tensor(place)?;
            numbers.push((x.shape, dequantized(&x, inputs, place + 1, scope)?));
        }
        let tensor =
            |(shape, numbers)| ValueRef::Tensor(TensorRef { shape, data: DataRef::Float32(numbers) });
        let values = (0..as_it_is).map(|index| inputs.value(index));
        let values: SmallVec<[_; 4]> =
            values.chain(numbers.iter().map(|(shape, x)| Some(tensor((*shape, x))))).collect();
        let y = self.numbers(&values, scope)?;
        drop(values);
        numbers.into_iter().for_each(|(_, numbers)| scope.keep(numbers));
        quantized(y, &x, inputs, result, scope)
    }
}

impl OnNumbers {
    /// What the operator of ONNX gives.
    fn numbers(&self, values: &[Option<ValueRef<'_>>], scope: &mut Scope) -> Result<Value> {
        let outputs = self.inner.run(&Inputs::new(values), scope)?;
        outputs.into_iter().next().ok_or_else(|| failed("the operator gives nothing"))
    }

    /// The result for all quantised numbers that there are, from which that for
    /// `x` is taken.
    fn by_table(&self, x: &TensorRef<'_>, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let codes = |scope: &mut Scope| -> Result<_> {
            let mut codes = scope.vec(CODES)?;
            codes.extend(0..=u8::MAX);
            Ok(codes)
        };
        match x.data {
            DataRef::UInt8(x_codes) => {
                let codes = codes(scope)?;
                let table = self.table(DataRef::UInt8(&codes), inputs, scope)?;
                scope.keep(codes);
                looked_up(x.shape, x_codes.iter().copied(), table, scope)
            }
            DataRef::Int8(x_codes) => {
                let mut codes = scope.vec(CODES)?;
                codes.extend((0..=u8::MAX).map(u8::cast_signed));
                let table = self.table(DataRef::Int8(&codes), inputs, scope)?;
                scope.keep(codes);
                looked_up(x.shape, x_codes.iter().map(|code| code.cast_unsigned()), table, scope)
            }
            _ => Err(failed(format!("expected elements of int8 or uint8, got {}", x.element_type()))),
        }
    }

    fn table(&self, codes: DataRef<'_>, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<TensorData> {
        let x = TensorRef { shape: &[CODES], data: codes };
        let numbers = dequantized(&x, inputs, 1, scope)?;
        let value = ValueRef::Tensor(TensorRef { shape: &[CODES], data: DataRef::Float32(&numbers) });
        let y = self.numbers(&[Some(value)], scope)?;
        scope.keep(numbers);
        match quantized(y, &x, inputs, 3, scope)?.into_iter().next() {
            Some(Value::Tensor(table)) => Ok(table.into_data()),
            _ => Err(failed("the operator gives no tensor")),
        }
    }
}

/// How many numbers of 8 bits there are.
const CODES: usize = 256;

fn looked_up(
    shape: &[usize],
    codes: impl ExactSizeIterator<Item = u8>,
    table: TensorData,
    scope: &mut Scope,
) -> Result<Outputs> {
    let at = |code: u8| usize::from(code);
    match table {
        TensorData::UInt8(table) => {
            let mut y = scope.vec(codes.len())?;
            y.extend(codes.map(|code| table.get(at(code)).copied().unwrap_or_default()));
            scope.keep(table);
            one(shape, TensorData::UInt8(y))
        }
        TensorData::Int8(table) => {
            let mut y = scope.vec(codes.len())?;
            y.extend(codes.map(|code| table.get(at(code)).copied().unwrap_or_default()));
            scope.keep(table);
            one(shape, TensorData::Int8(y))
        }
        other => Err(failed(format!("numbers of 8 bits cannot become {}", other.element_type()))),
    }
}

/// The numbers that `x` stands for by the scale at input `place` and the zero
/// point after it.
fn dequantized(x: &TensorRef<'_>, inputs: &Inputs<'_>, place: usize, scope: &mut Scope) -> Result<Vec<f32>> {
    let (scale, zero) = (inputs.tensor(place)?, inputs.optional(place + 1)?);
    let scales = Scales::single(&scale, zero.as_ref(), x.len(), scope)?;
    let numbers = scales.dequantized(x, scope)?;
    scales.keep(scope);
    Ok(numbers)
}

/// `y` by the scale at input `place` and the zero point after it, or else of the
/// type of `like`.
fn quantized(
    y: Value,
    like: &TensorRef<'_>,
    inputs: &Inputs<'_>,
    place: usize,
    scope: &mut Scope,
) -> Result<Outputs> {
    let (scale, zero) = (inputs.tensor(place)?, inputs.optional(place + 1)?);
    let element = zero.as_ref().unwrap_or(like).element_type();
    let Value::Tensor(y) = y else { return Err(failed("the operator gives no tensor")) };
    let numbers = y.as_f32().ok_or_else(|| failed("the operator gives no float32"))?;
    let scales = Scales::single(&scale, zero.as_ref(), numbers.len(), scope)?;
    let data = scales.quantized(numbers, element, true, scope)?;
    scales.keep(scope);
    let outputs = one(y.shape(), data);
    scope.recycle(Value::Tensor(y));
    outputs
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, tensor};
    use crate::{Tensor, TensorData};

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn run(case: &Case, inputs: &[Tensor]) -> Tensor {
        case.run(inputs).unwrap().remove(0)
    }

    fn case(op: &str) -> Case {
        Case::new("com.microsoft", op, 1)
    }

    /// A tensor with a scale and a zero point.
    fn operand(x: Tensor, scale: f32, zero: u8) -> [Tensor; 3] {
        [x, f32s(&[], &[scale]), u8s(&[], &[zero])]
    }

    /// A result's scale and zero point.
    fn result(scale: f32, zero: u8) -> [Tensor; 2] {
        [f32s(&[], &[scale]), u8s(&[], &[zero])]
    }

    /// onnxruntime's numbers, as those of the other operators but the mean are.
    #[test]
    fn adds_and_multiplies_with_broadcasting() {
        let a = operand(u8s(&[2, 3], &[0, 50, 100, 150, 200, 255]), 0.1, 128);
        let b = operand(u8s(&[3], &[10, 20, 30]), 0.2, 5);
        let inputs = [&a[..], &b[..], &result(0.15, 120)].concat();
        assert_eq!(run(&case("QLinearAdd"), &inputs), u8s(&[2, 3], &[41, 88, 135, 141, 188, 238]));
        assert_eq!(run(&case("QLinearMul"), &inputs), u8s(&[2, 3], &[35, 0, 27, 135, 255, 255]));
    }

    #[test]
    fn functions_of_many_elements_go_by_a_table() {
        let codes: Vec<u8> = (0..=255).chain([7]).collect();
        for (op, case) in
            [("sigmoid", case("QLinearSigmoid")), ("leaky", case("QLinearLeakyRelu").float("alpha", 0.2))]
        {
            let run = |codes: &[u8]| {
                let x = operand(u8s(&[codes.len()], codes), 0.05, 100);
                run(&case, &[&x[..], &result(0.04, 30)].concat())
            };
            let (many, few) = (run(&codes), [run(&codes[..200]), run(&codes[200..])]);
            let few = few.map(Tensor::into_data).map(|data| match data {
                TensorData::UInt8(values) => values,
                other => panic!("{other:?}"),
            });
            assert_eq!(many, u8s(&[257], &few.concat()), "{op}");
        }
        let x = tensor(&[257], TensorData::Int8((-128..=127).chain([7]).collect()));
        let zero = tensor(&[], TensorData::Int8(vec![0]));
        let y =
            run(&case("QLinearSigmoid"), &[x, f32s(&[], &[0.05]), zero.clone(), f32s(&[], &[0.01]), zero]);
        let TensorData::Int8(y) = y.data() else { panic!() };
        assert_eq!((y[0], y[128], y[255], y[256]), (0, 50, 100, 59));
    }

    #[test]
    fn lists_of_operands_are_joined() {
        let operands = [operand(u8s(&[2], &[0, 10]), 0.5, 0), operand(u8s(&[1], &[8]), 0.25, 4)].concat();
        let y = run(&case("QLinearConcat").int("axis", 0), &[&result(0.5, 1)[..], &operands].concat());
        assert_eq!(y, u8s(&[3], &[1, 11, 3]));
    }

    #[test]
    fn means_softmax_and_choices() {
        let x = operand(u8s(&[1, 4], &[10, 20, 30, 40]), 0.1, 0);
        let y = run(&case("QLinearReduceMean").ints("axes", &[1]), &[&x[..], &result(0.1, 0)].concat());
        assert_eq!(y, u8s(&[1, 1], &[25]));
        let softmax = case("QLinearSoftmax").int("axis", -1).int("opset", 13);
        let y = run(&softmax, &[&x[..], &result(1.0 / 256.0, 0)].concat());
        assert_eq!(y, u8s(&[1, 4], &[8, 22, 61, 165]));
        let condition = [bools(&[4], &[true, false, true, false])];
        let other = operand(u8s(&[1], &[9]), 0.1, 0);
        let y = run(&case("QLinearWhere"), &[&condition[..], &x, &other, &result(0.1, 1)].concat());
        assert_eq!(y, u8s(&[1, 4], &[11, 10, 31, 10]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let x = operand(u8s(&[1], &[10]), 0.1, 0);
        let inputs = [&x[..], &[f32s(&[2], &[1.0, 2.0]), u8s(&[], &[0])]].concat();
        let error = case("QLinearSigmoid").run(&inputs).unwrap_err();
        assert_eq!(error.message(), "expected one scale, got 2");
        let error = case("QLinearSigmoid").int("channels_last", 1).run(&inputs).unwrap_err();
        assert_eq!(error.message(), "channels_last is not supported");
    }
}
