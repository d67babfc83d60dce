//! Weights in other files, sparse ones, and ones of types that are packed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use std::borrow::Cow;
use std::io;

use edgeinfer_compiler::{compile, embed, tensor};
use edgeinfer_core::{ErrorKind, Metadata, Model, Result, SmallType, Tensor, TensorData};
use edgeinfer_onnx::{DataType, GraphProto, SparseTensorProto, StringStringEntryProto, TensorProto};
use onnx::{encoded, node, value};

/// A model that adds `W` to `X`, both of three numbers.
fn model(initializer: Vec<TensorProto>, sparse_initializer: Vec<SparseTensorProto>) -> Vec<u8> {
    let graph = GraphProto {
        node: vec![node("Add", &["X", "W"], "y")],
        initializer,
        sparse_initializer,
        input: vec![value("X", 1, Some(&[3]))],
        output: vec![value("y", 1, Some(&[3]))],
        ..GraphProto::default()
    };
    encoded(graph)
}

fn run(onnx: &[u8]) -> Result<Vec<f32>> {
    let model = Model::load(compile(onnx, Metadata::default())?.as_slice(), None)?;
    let x = Tensor::from_f32(vec![3], vec![1.0, 2.0, 3.0])?;
    let outputs = model.run(vec![("X".to_owned(), x)])?;
    Ok(outputs[0].1.as_tensor().unwrap().as_f32().unwrap().to_vec())
}

fn external(entries: &[(&str, &str)]) -> TensorProto {
    let entry = |(key, value): &(&str, &str)| StringStringEntryProto {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    };
    TensorProto {
        name: "W".to_owned(),
        dims: vec![3],
        data_type: DataType::Float.into(),
        external_data: entries.iter().map(entry).collect(),
        data_location: 1,
        ..TensorProto::default()
    }
}

/// Four numbers, in the only file that there is.
fn read(location: &str) -> io::Result<Vec<u8>> {
    match location {
        "sub/weights.bin" => {
            Ok([9.0f32, 10.0, 20.0, 30.0].iter().flat_map(|number| number.to_le_bytes()).collect())
        }
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

#[test]
fn weights_in_another_file_are_put_inside() {
    let onnx =
        model(vec![external(&[("location", "sub/weights.bin"), ("offset", "4"), ("length", "12")])], vec![]);
    assert_eq!(run(&embed(&onnx, read).unwrap()).unwrap(), [11.0, 22.0, 33.0]);
    let to_the_end = model(vec![external(&[("location", "sub/weights.bin"), ("offset", "4")])], vec![]);
    assert_eq!(run(&embed(&to_the_end, read).unwrap()).unwrap(), [11.0, 22.0, 33.0]);
    assert!(run(&onnx).unwrap_err().message().contains("save the model with its weights inside"));
}

#[test]
fn a_model_that_is_whole_stays_as_it_is() {
    let onnx =
        model(vec![TensorProto { float_data: vec![0.0; 3], external_data: vec![], ..external(&[]) }], vec![]);
    assert!(matches!(embed(&onnx, read).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn says_which_file_is_wrong() {
    let message = |entries: &[(&str, &str)]| {
        let error = embed(&model(vec![external(entries)], vec![]), read).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
        error.message().replace("the tensor \"W\" is in another file: ", "")
    };
    assert_eq!(message(&[("location", "gone.bin")]), "\"gone.bin\": entity not found");
    let short = message(&[("location", "sub/weights.bin"), ("offset", "8"), ("length", "12")]);
    assert_eq!(short, "\"sub/weights.bin\" is too short, or not the one that the model was saved with");
    assert_eq!(message(&[("offset", "0")]), "its location is not given");
    assert_eq!(message(&[("location", "a"), ("offset", "-1")]), "its offset or length is no number");
    for location in ["../secret", "/etc/passwd", "a/../../b", "C:\\x", ""] {
        let outside = format!("{location:?} is not beside the model or in a folder there");
        assert_eq!(message(&[("location", location)]), outside);
    }
}

fn sparse(dims: &[i64], values: &[f32], index_dims: &[i64], indices: &[i64]) -> SparseTensorProto {
    let values = TensorProto {
        name: "W".to_owned(),
        dims: vec![values.len() as i64],
        data_type: DataType::Float.into(),
        float_data: values.to_vec(),
        ..TensorProto::default()
    };
    let indices = TensorProto {
        dims: index_dims.to_vec(),
        data_type: DataType::Int64.into(),
        int64_data: indices.to_vec(),
        ..TensorProto::default()
    };
    SparseTensorProto { values: Some(values), indices: Some(indices), dims: dims.to_vec() }
}

#[test]
fn a_sparse_tensor_is_zero_where_it_has_no_value() {
    assert_eq!(run(&model(vec![], vec![sparse(&[3], &[0.5], &[1], &[1])])).unwrap(), [1.0, 2.5, 3.0]);
    let by_place = sparse(&[1, 3], &[0.5, 4.0], &[2, 2], &[0, 0, 0, 2]);
    assert_eq!(run(&model(vec![], vec![by_place])).unwrap(), [1.5, 2.0, 7.0]);
}

#[test]
fn a_sparse_tensor_that_is_damaged_is_an_error() {
    for (wrong, message) in [
        (sparse(&[3], &[0.5], &[1], &[3]), "index"),
        (sparse(&[3], &[0.5], &[1], &[-1]), "an index of a sparse tensor is outside of it"),
        (sparse(&[1, 3], &[0.5], &[1, 2], &[0, 3]), "an index of a sparse tensor is outside of it"),
        (sparse(&[3], &[0.5], &[2], &[0, 1]), "a sparse tensor has 1 values, but 2 indices"),
        (sparse(&[3], &[0.5], &[1, 1, 1], &[0]), "the indices of a sparse tensor are of shape [1, 1, 1]"),
        (sparse(&[1 << 40], &[0.5], &[1], &[0]), "a sparse tensor is too large"),
        (sparse(&[-3], &[0.5], &[1], &[0]), "a sparse tensor has a negative dimension"),
    ] {
        let error = run(&model(vec![], vec![wrong])).unwrap_err();
        assert!(error.message().contains(message), "{error}");
    }
}

fn packed(kind: DataType, count: i64, raw_data: Vec<u8>) -> TensorProto {
    TensorProto { dims: vec![count], data_type: kind.into(), raw_data, ..TensorProto::default() }
}

#[test]
fn elements_of_fewer_than_eight_bits_are_unpacked() {
    let small = |small, elements: &[u8]| {
        Tensor::new(vec![elements.len()], TensorData::Small(small, elements.to_vec())).unwrap()
    };
    let minus = |number: i8| number.cast_unsigned();
    let four = |kind| packed(kind, 3, vec![0x8f, 0x07]);
    assert_eq!(tensor(&four(DataType::Uint4)).unwrap(), small(SmallType::UInt4, &[15, 8, 7]));
    assert_eq!(tensor(&four(DataType::Int4)).unwrap(), small(SmallType::Int4, &[minus(-1), minus(-8), 7]));
    assert_eq!(tensor(&four(DataType::Float4e2m1)).unwrap(), small(SmallType::Float4E2M1, &[15, 8, 7]));
    let two = |kind| packed(kind, 5, vec![0b11_10_01_00, 0b10]);
    assert_eq!(tensor(&two(DataType::Uint2)).unwrap(), small(SmallType::UInt2, &[0, 1, 2, 3, 2]));
    let signed = [0, 1, minus(-2), minus(-1), minus(-2)];
    assert_eq!(tensor(&two(DataType::Int2)).unwrap(), small(SmallType::Int2, &signed));
    let listed = TensorProto { int32_data: vec![0x8f, 0x07], ..packed(DataType::Uint4, 3, vec![]) };
    assert_eq!(tensor(&listed).unwrap(), small(SmallType::UInt4, &[15, 8, 7]));
    let half = TensorProto { int32_data: vec![0x3c00], ..packed(DataType::Float16, 1, vec![]) };
    assert_eq!(tensor(&half).unwrap().data(), &TensorData::Float16(vec![0x3c00]));
    assert!(tensor(&packed(DataType::Int4, 5, vec![0x8f, 0x07])).is_err());
}
