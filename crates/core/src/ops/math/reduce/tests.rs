use crate::ops::testing::{Case, bools, f32s, f64s, i64s, tensor, texts};
use crate::{Tensor, TensorData};

const OPERATORS: [&str; 10] = [
    "ReduceSum",
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceSumSquare",
];

fn reduced(op: &str, x: Tensor, axes: &[i64]) -> Tensor {
    Case::new("", op, 18).run(&[x, i64s(&[axes.len()], axes)]).unwrap().remove(0)
}

fn assert_close(y: &Tensor, expected: &[f64], what: &str) {
    let y: Vec<f64> = match y.data() {
        TensorData::Float32(y) => y.iter().map(|&y| f64::from(y)).collect(),
        TensorData::Float64(y) => y.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(y.len(), expected.len(), "{what}");
    for (y, expected) in y.iter().zip(expected) {
        let close = (y - expected).abs() <= 1e-6 * expected.abs() || y == expected;
        assert!(close, "{what}: expected {expected}, got {y}");
    }
}

#[test]
fn each_operator_has_its_result_along_either_axis() {
    let x = [1.0, 2.0, 4.0, 0.5, 3.0, 5.0];
    for (op, rows, columns) in [
        ("ReduceSum", [7.0, 8.5], [1.5, 5.0, 9.0]),
        ("ReduceMean", [7.0 / 3.0, 8.5 / 3.0], [0.75, 2.5, 4.5]),
        ("ReduceMax", [4.0, 5.0], [1.0, 3.0, 5.0]),
        ("ReduceMin", [1.0, 0.5], [0.5, 2.0, 4.0]),
        ("ReduceProd", [8.0, 7.5], [0.5, 6.0, 20.0]),
        ("ReduceL1", [7.0, 8.5], [1.5, 5.0, 9.0]),
        ("ReduceL2", [21f64.sqrt(), 34.25f64.sqrt()], [1.25f64.sqrt(), 13f64.sqrt(), 41f64.sqrt()]),
        ("ReduceLogSum", [7f64.ln(), 8.5f64.ln()], [1.5f64.ln(), 5f64.ln(), 9f64.ln()]),
        ("ReduceLogSumExp", [4.169846, 5.1366652], [1.4740769, 3.3132617, 5.3132617]),
        ("ReduceSumSquare", [21.0, 34.25], [1.25, 13.0, 41.0]),
    ] {
        let narrow = x.map(|x| x as f32);
        for x in [f32s(&[2, 3], &narrow), f64s(&[2, 3], &x)] {
            let y = reduced(op, x.clone(), &[1]);
            assert_eq!(y.shape(), [2, 1]);
            assert_close(&y, &rows, op);
            let y = reduced(op, x.clone(), &[-2]);
            assert_eq!(y.shape(), [1, 3]);
            assert_close(&y, &columns, op);
        }
    }
}

#[test]
fn long_lanes_are_reduced_in_parts() {
    let x: Vec<f32> = (0..83).map(|i| i as f32 - 40.0).collect();
    let sum = |f: fn(f64) -> f64| x.iter().map(|&x| f(f64::from(x))).sum::<f64>();
    for (op, expected) in [
        ("ReduceSum", sum(|x| x)),
        ("ReduceL1", sum(f64::abs)),
        ("ReduceSumSquare", sum(|x| x * x)),
        ("ReduceMax", 42.0),
        ("ReduceMin", -40.0),
        ("ReduceLogSumExp", sum(f64::exp).ln()),
    ] {
        assert_close(&reduced(op, f32s(&[83], &x), &[0]), &[expected], op);
    }
}

#[test]
fn axes_apart_are_reduced_together() {
    let x: Vec<f32> = (1..=12).map(|i| i as f32).collect();
    for (op, expected) in [
        ("ReduceSum", [30.0, 48.0]),
        ("ReduceMean", [5.0, 8.0]),
        ("ReduceSumSquare", [208.0, 442.0]),
        ("ReduceL2", [208f64.sqrt(), 442f64.sqrt()]),
        ("ReduceLogSumExp", [9.4100817, 12.410082]),
    ] {
        let y = reduced(op, f32s(&[2, 2, 3], &x), &[0, 2]);
        assert_eq!(y.shape(), [1, 2, 1]);
        assert_close(&y, &expected, op);
    }
}

#[test]
fn no_axes_are_all_or_as_asked_none() {
    let x = f32s(&[2, 2], &[1.0, -2.0, 3.0, 4.0]);
    assert_eq!(reduced("ReduceSum", x.clone(), &[]), f32s(&[1, 1], &[6.0]));
    let y = Case::new("", "ReduceSum", 18).int("keepdims", 0).run(std::slice::from_ref(&x)).unwrap();
    assert_eq!(y, [f32s(&[], &[6.0])]);
    let none = |op| Case::new("", op, 18).int("noop_with_empty_axes", 1);
    assert_eq!(none("ReduceSum").run(&[x.clone(), i64s(&[0], &[])]).unwrap(), std::slice::from_ref(&x));
    let squares = f32s(&[2, 2], &[1.0, 4.0, 9.0, 16.0]);
    assert_eq!(none("ReduceSumSquare").run(&[x]).unwrap(), [squares]);
}

#[test]
fn old_operator_sets_have_the_axes_as_attribute() {
    let x = [f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0])];
    let y = Case::new("", "ReduceMax", 11).ints("axes", &[1]).int("keepdims", 0).run(&x).unwrap();
    assert_eq!(y, [f32s(&[2], &[2.0, 4.0])]);
}

#[test]
fn nothing_has_a_result_of_its_own() {
    for (op, expected) in [
        ("ReduceSum", 0.0),
        ("ReduceMean", 0.0),
        ("ReduceMax", f64::NEG_INFINITY),
        ("ReduceMin", f64::INFINITY),
        ("ReduceProd", 1.0),
        ("ReduceL2", 0.0),
        ("ReduceLogSum", f64::NEG_INFINITY),
        ("ReduceLogSumExp", f64::NEG_INFINITY),
    ] {
        assert_close(&reduced(op, f32s(&[2, 0], &[]), &[1]), &[expected; 2], op);
    }
    let int32 = |values: &[i32]| tensor(&[values.len()], TensorData::Int32(values.to_vec()));
    assert_eq!(reduced("ReduceMax", int32(&[]), &[0]), int32(&[i32::MIN]));
    assert_eq!(reduced("ReduceMin", int32(&[]), &[0]), int32(&[i32::MAX]));
    for op in OPERATORS {
        assert_eq!(reduced(op, f32s(&[0, 2], &[]), &[1]), f32s(&[0, 1], &[]), "{op}");
    }
}

#[test]
fn a_scalar_is_its_own_sum() {
    assert_eq!(reduced("ReduceSum", f32s(&[], &[3.0]), &[-1]), f32s(&[], &[3.0]));
    assert_eq!(reduced("ReduceSumSquare", f32s(&[], &[3.0]), &[]), f32s(&[], &[9.0]));
}

#[test]
fn integers_stay_integers() {
    let x = i64s(&[2, 2], &[-7, 2, 5, 12]);
    for (op, expected) in [
        ("ReduceSum", [-5, 17]),
        ("ReduceMean", [-2, 8]),
        ("ReduceMax", [2, 12]),
        ("ReduceProd", [-14, 60]),
        ("ReduceL1", [9, 17]),
        ("ReduceL2", [7, 13]),
    ] {
        assert_eq!(reduced(op, x.clone(), &[1]), i64s(&[2, 1], &expected), "{op}");
    }
    let x = tensor(&[2], TensorData::Int32(vec![3, 4]));
    assert_eq!(reduced("ReduceSum", x, &[0]), tensor(&[1], TensorData::Int32(vec![7])));
    let x = bools(&[2], &[false, true]);
    assert_eq!(reduced("ReduceMax", x, &[0]), bools(&[1], &[true]));
}

#[test]
fn log_sum_exp_neither_overflows_nor_takes_infinity_from_itself() {
    let of = |x: [f32; 2]| reduced("ReduceLogSumExp", f32s(&[2], &x), &[0]);
    assert_close(&of([1000.0, 1000.0]), &[1000.0 + std::f64::consts::LN_2], "large");
    assert_close(&of([f32::INFINITY, 1.0]), &[f64::INFINITY], "infinity");
    assert_close(&of([f32::NEG_INFINITY; 2]), &[f64::NEG_INFINITY], "negative infinity");
    assert!(of([1.0, f32::NAN]).as_f32().unwrap()[0].is_nan());
}

#[test]
fn refuses_what_has_no_result() {
    let run = |op, x, axes: &[i64]| Case::new("", op, 18).run(&[x, i64s(&[axes.len()], axes)]).unwrap_err();
    let error = run("ReduceSum", f32s(&[2], &[1.0; 2]), &[1]);
    assert_eq!(error.message(), "there is no axis 1 in a tensor of 1 dimensions");
    for op in OPERATORS {
        run(op, texts(&[1], &["a"]), &[0]);
    }
    run("ReduceSum", bools(&[1], &[true]), &[0]);
}

#[test]
fn the_logarithm_of_a_sum_of_whole_numbers_is_cut() {
    let y = Case::new("", "ReduceLogSumExp", 18).run(&[i64s(&[2], &[3, 3]), i64s(&[1], &[0])]);
    assert_eq!(y.unwrap(), [i64s(&[1], &[3])]);
}
