//! Numbers of 16 bits, sequences and values that may be absent, in and out of a
//! plan.

#![cfg(feature = "networks")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use edgeinfer_core::{
    Dim, ElementType, EngineSection, Graph, Manifest, Metadata, Model, Payload, Plan, Result, Schema, Step,
    Task, Tensor, TensorData, Value, ValueSpec, ValueType, write_model,
};

/// 1, 2, 0.5 and 65504, the largest, in half precision.
const ONE: u16 = 0x3c00;
const TWO: u16 = 0x4000;
const HALF: u16 = 0x3800;
const LARGEST: u16 = 0x7bff;

fn halves(shape: &[usize], bits: &[u16]) -> Tensor {
    Tensor::new(shape, TensorData::Float16(bits.to_vec())).unwrap()
}

fn table(element: ElementType) -> ValueType {
    ValueType::Tensor { element, shape: vec![Dim::symbol("N"), Dim::Fixed(2)] }
}

/// A file of one step, which takes the input and then the constants.
fn file(op: &str, input: ValueType, constants: &[Tensor], output: ValueType) -> Vec<u8> {
    let mut payload = Payload::default();
    let specs: Vec<_> = constants.iter().map(|constant| payload.push(constant)).collect();
    let inputs = (0..=specs.len()).map(Some).collect();
    let step = Step { op: op.into(), version: 18, inputs, outputs: vec![true], ..Step::default() };
    let graph = Graph { inputs: 1, steps: vec![step], outputs: vec![specs.len() + 1] };
    let named = |name: &str, value| ValueSpec { name: name.into(), value };
    let schema = Schema {
        inputs: vec![named("x", input)],
        outputs: vec![named("y", output)],
        features: Vec::new(),
        task: Task::Tensors,
    };
    let engine = EngineSection::Plan(Plan { constants: specs, graph });
    let manifest = Manifest { schema, metadata: Metadata::default(), engine };
    write_model(&manifest, &payload.into_bytes()).unwrap()
}

fn run(file: &[u8], input: Option<Value>) -> Result<Value> {
    let model = Model::load(file, None).unwrap();
    let inputs = input.map(|value| ("x".to_owned(), value)).into_iter().collect::<Vec<_>>();
    let once = model.run(inputs.clone())?.remove(0).1;
    assert_eq!(model.run(inputs)?.remove(0).1, once, "a second run");
    Ok(once)
}

#[test]
fn weights_of_half_precision_are_multiplied_in_single_precision() {
    let weights = halves(&[2, 1], &[ONE, HALF]);
    let y = ValueType::Tensor { element: ElementType::Float16, shape: vec![Dim::symbol("N"), Dim::Fixed(1)] };
    let file = file("MatMul", table(ElementType::Float16), &[weights], y);
    // 65504 + 65504 / 2 is beyond half precision, 2 + 1 / 2 is not.
    let x = halves(&[2, 2], &[TWO, ONE, LARGEST, LARGEST]);
    assert_eq!(run(&file, Some(x.into())).unwrap(), halves(&[2, 1], &[0x4100, 0x7c00]).into());
    let error = run(&file, Some(Tensor::from_f32(vec![1, 2], vec![1.0; 2]).unwrap().into())).unwrap_err();
    assert_eq!(error.message(), "expected float16 elements, got float32");
}

#[test]
fn numbers_of_16_bits_need_the_build_for_networks() {
    let needs = |element| file("Add", table(element), &[], table(element))[40];
    assert_eq!([ElementType::Float32, ElementType::Float16, ElementType::BFloat16].map(needs), [0, 1, 1]);
}

#[test]
fn a_sequence_goes_in_as_it_comes_out() {
    let sequence = ValueType::Sequence { element: ElementType::Float32 };
    let file = file("Identity", sequence.clone(), &[], sequence);
    let tensor = Tensor::from_f32(vec![1], vec![0.5]).unwrap();
    let x = Value::Sequence(vec![tensor.clone(), tensor.clone()]);
    assert_eq!(run(&file, Some(x.clone())).unwrap(), x);
    let error = run(&file, Some(tensor.into())).unwrap_err();
    assert_eq!(error.message(), "expected a sequence of float32 tensors");
    let error = run(&file, Some(Value::Sequence(vec![halves(&[1], &[ONE])]))).unwrap_err();
    assert_eq!(error.message(), "expected a sequence of float32 tensors, got one of float16");
}

#[test]
fn a_value_that_may_be_absent_may_be_left_out() {
    let optional = ValueType::Optional { of: Box::new(table(ElementType::Float32)) };
    let file = file("Identity", optional.clone(), &[], optional);
    let x = Value::from(Tensor::from_f32(vec![1, 2], vec![0.5; 2]).unwrap());
    assert_eq!(run(&file, Some(x.clone())).unwrap(), x);
    assert_eq!(run(&file, Some(Value::Absent)).unwrap(), Value::Absent);
    assert_eq!(run(&file, None).unwrap(), Value::Absent);
    assert!(run(&file, Some(Value::Sequence(Vec::new()))).is_err());
}
