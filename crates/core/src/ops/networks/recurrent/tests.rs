//! Layers with onnxruntime's numbers.

use crate::ops::testing::{Case, assert_close, f32s, f64s, i32s};
use crate::{Result, Tensor, TensorData, Value};

/// Numbers between -1 and 1.
fn numbers(shape: &[usize], seed: usize) -> Tensor {
    let number = |i: usize| ((i * 7 + seed) * 31 % 17) as f32 / 8.0 - 1.0;
    f32s(shape, &(0..shape.iter().product()).map(number).collect::<Vec<_>>())
}

/// Every input of a layer of three steps of two sequences, the second of which is
/// only one step long.
fn inputs(gates: usize, directions: usize) -> Vec<Tensor> {
    vec![
        numbers(&[3, 2, 2], 1),
        numbers(&[directions, 2 * gates, 2], 2),
        numbers(&[directions, 2 * gates, 2], 3),
        numbers(&[directions, 4 * gates], 4),
        i32s(&[2], &[3, 1]),
        numbers(&[directions, 2, 2], 5),
    ]
}

fn lstm_inputs(directions: usize) -> Vec<Tensor> {
    let mut inputs = inputs(4, directions);
    inputs.extend([numbers(&[directions, 2, 2], 6), numbers(&[directions, 6], 7)]);
    inputs
}

fn layer(op: &str) -> Case {
    Case::new("", op, 22).int("hidden_size", 2)
}

fn gives(case: &Case, inputs: &[Tensor], expected: &[&[f32]]) {
    let outputs = case.run(inputs).unwrap();
    assert_eq!(outputs.len(), expected.len());
    for (output, expected) in outputs.iter().zip(expected) {
        assert_close(output.as_f32().unwrap(), expected);
    }
}

#[test]
fn a_long_short_term_memory_of_both_directions() {
    let case = layer("LSTM").string("direction", "bidirectional").float("clip", 0.75);
    gives(
        &case,
        &lstm_inputs(2),
        &[
            &[
                0.4091755,
                0.29995856,
                -0.08766113,
                0.029429853,
                -0.23091617,
                0.011049126,
                -0.08376211,
                -0.1531531,
                0.45053166,
                0.11616663,
                0.0,
                0.0,
                -0.23077436,
                0.014563793,
                0.0,
                0.0,
                0.4865414,
                0.054540705,
                0.0,
                0.0,
                -0.23342346,
                0.027619408,
                0.0,
                0.0,
            ],
            &[
                0.4865414,
                0.054540705,
                -0.08766113,
                0.029429853,
                -0.23091617,
                0.011049126,
                -0.08376211,
                -0.1531531,
            ],
            &[
                0.9001424,
                0.16615707,
                -0.1297933,
                0.043358684,
                -0.9071584,
                0.016269801,
                -0.26727402,
                -0.22944066,
            ],
        ],
    );
}

#[test]
fn a_forget_gate_may_be_what_the_input_gate_leaves() {
    let case = layer("LSTM")
        .string("direction", "reverse")
        .int("input_forget", 1)
        .strings("activations", &["HardSigmoid", "Softsign", "Elu"])
        .floats("activation_alpha", &[0.3, 0.5])
        .floats("activation_beta", &[0.4]);
    gives(
        &case,
        &lstm_inputs(1),
        &[
            &[
                0.51596534,
                0.086701795,
                -0.030673992,
                -0.17552422,
                0.5842161,
                0.080387145,
                0.0,
                0.0,
                0.61332315,
                0.31259713,
                0.0,
                0.0,
            ],
            &[0.51596534, 0.086701795, -0.030673992, -0.17552422],
            &[0.5202097, 0.54234016, -0.06875, -0.5],
        ],
    );
}

#[test]
fn gated_units_of_both_directions() {
    let case = layer("GRU").string("direction", "bidirectional");
    gives(
        &case,
        &inputs(3, 2),
        &[
            &[
                -0.11071557,
                0.57940656,
                0.42770767,
                0.1892478,
                0.2969861,
                0.35341385,
                -0.48319,
                0.24593031,
                0.25585586,
                -0.06240964,
                0.0,
                0.0,
                0.24288402,
                0.508493,
                0.0,
                0.0,
                0.4505276,
                -0.6177554,
                0.0,
                0.0,
                0.0010066628,
                0.7570528,
                0.0,
                0.0,
            ],
            &[0.4505276, -0.6177554, 0.42770767, 0.1892478, 0.2969861, 0.35341385, -0.48319, 0.24593031],
        ],
    );
}

#[test]
fn gated_units_may_reset_the_product() {
    let case = layer("GRU").int("linear_before_reset", 1).float("clip", 0.5);
    gives(
        &case,
        &inputs(3, 1),
        &[
            &[
                -0.23787485,
                0.47221735,
                0.30803624,
                -0.011860818,
                0.026400626,
                -0.027334318,
                0.0,
                0.0,
                0.19090135,
                -0.29796895,
                0.0,
                0.0,
            ],
            &[0.19090135, -0.29796895, 0.30803624, -0.011860818],
        ],
    );
}

#[test]
fn a_simple_layer_with_a_function_for_each_direction() {
    let case = layer("RNN")
        .string("direction", "bidirectional")
        .strings("activations", &["Tanh", "LeakyRelu"])
        .floats("activation_alpha", &[0.25]);
    gives(
        &case,
        &inputs(1, 2),
        &[
            &[
                0.18533325,
                0.42446434,
                0.41157007,
                -0.9317992,
                1.3120422,
                -0.5863037,
                0.5625,
                0.0625,
                0.41696918,
                -0.6149967,
                0.0,
                0.0,
                1.1538086,
                -0.44750977,
                0.0,
                0.0,
                0.7594856,
                -0.91400665,
                0.0,
                0.0,
                0.671875,
                -0.01953125,
                0.0,
                0.0,
            ],
            &[0.7594856, -0.91400665, 0.41157007, -0.9317992, 1.3120422, -0.5863037, 0.5625, 0.0625],
        ],
    );
}

/// `tensor` with its first two axes swapped.
fn swapped(tensor: &Tensor) -> Tensor {
    let (first, second) = (tensor.shape()[0], tensor.shape()[1]);
    let (length, x) = (tensor.shape()[2..].iter().product::<usize>(), tensor.as_f32().unwrap());
    let row = |i: usize| &x[(i % first * second + i / first) * length..][..length];
    let values: Vec<_> = (0..first * second).flat_map(row).copied().collect();
    f32s(&[&[second, first], &tensor.shape()[2..]].concat(), &values)
}

#[test]
fn the_batch_may_come_first() {
    for (op, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
        let case = || layer(op).string("direction", "bidirectional");
        let mut inputs = inputs(gates, 2);
        let expected = case().run(&inputs).unwrap();
        inputs[0] = swapped(&inputs[0]);
        inputs[5] = swapped(&inputs[5]);
        let got = case().int("layout", 1).run(&inputs).unwrap();
        assert_eq!(got[0].shape(), [2, 3, 2, 2]);
        for (sequence, states) in got[0].as_f32().unwrap().chunks(12).enumerate() {
            for (step, states) in states.chunks(4).enumerate() {
                let all = expected[0].as_f32().unwrap();
                let of = |direction: usize| &all[((step * 2 + direction) * 2 + sequence) * 2..][..2];
                assert_close(states, &[of(0), of(1)].concat());
            }
        }
        assert_close(got[1].as_f32().unwrap(), swapped(&expected[1]).as_f32().unwrap());
    }
}

#[test]
fn a_sequence_is_the_same_in_any_company() {
    for (op, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
        let (w, r) = (numbers(&[1, gates * 5, 3], 1), numbers(&[1, gates * 5, 5], 2));
        let case = Case::new("", op, 22);
        let all = case.run(&[numbers(&[2, 19, 3], 3), w.clone(), r.clone()]).unwrap();
        let x = numbers(&[2, 19, 3], 3);
        for sequence in 0..19 {
            let row = |step: usize| &x.as_f32().unwrap()[(step * 19 + sequence) * 3..][..3];
            let alone = f32s(&[2, 1, 3], &[row(0), row(1)].concat());
            let alone = case.run(&[alone, w.clone(), r.clone()]).unwrap();
            assert_close(alone[1].as_f32().unwrap(), &all[1].as_f32().unwrap()[sequence * 5..][..5]);
        }
    }
}

#[test]
fn sizes_of_zero_do_no_harm() {
    for (op, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
        for (steps, batch, input, hidden) in
            [(0, 2, 2, 2), (2, 0, 2, 2), (2, 2, 0, 2), (2, 2, 2, 0), (0, 0, 0, 0)]
        {
            let x = numbers(&[steps, batch, input], 1);
            let inputs =
                [x, numbers(&[1, gates * hidden, input], 2), numbers(&[1, gates * hidden, hidden], 3)];
            let y = Case::new("", op, 22).run(&inputs).unwrap();
            assert_eq!(y[0].shape(), [steps, 1, batch, hidden]);
            assert_eq!(y[1].shape(), [1, batch, hidden]);
        }
    }
}

#[test]
fn refuses_what_does_not_fit() {
    let run = |inputs: &[Tensor]| layer("GRU").run(inputs).unwrap_err().message().to_owned();
    let with = |index: usize, tensor: Tensor| {
        let mut inputs = inputs(3, 1);
        inputs[index] = tensor;
        run(&inputs)
    };
    assert_eq!(
        with(0, numbers(&[3, 2], 1)),
        "expected X and R of three dimensions, got shapes [3, 2] and [1, 6, 2]"
    );
    assert_eq!(
        with(1, numbers(&[2, 6, 2], 1)),
        "expected W of float32 and shape [1, 6, 2], got float32 and shape [2, 6, 2]"
    );
    assert_eq!(
        with(3, i32s(&[1, 12], &[0; 12])),
        "expected B of float32 and shape [1, 12], got int32 and shape [1, 12]"
    );
    assert_eq!(with(2, numbers(&[1, 9, 3], 1)), "hidden_size is 2, but R is of 3 hidden numbers");
    for length in [-1, 4] {
        assert_eq!(with(4, i32s(&[2], &[1, length])), format!("sequence_lens: X has 3 steps, not {length}"));
    }
    let case = layer("LSTM").string("direction", "sideways");
    let message = case.run(&[]).unwrap_err().message().to_owned();
    assert_eq!(message, "direction: expected forward, reverse or bidirectional, got \"sideways\"");
}

#[test]
fn inputs_may_be_left_out() {
    let all = inputs(1, 1);
    let run = |inputs: Vec<Option<Value>>| -> Result<Vec<Value>> { layer("RNN").run_values(&inputs) };
    let mut inputs: Vec<_> = all.iter().cloned().map(Value::Tensor).map(Some).collect();
    inputs[3] = None;
    inputs[4] = None;
    assert!(run(inputs.clone()).is_ok());
    inputs[2] = None;
    assert_eq!(run(inputs).unwrap_err().message(), "input 2 is missing");
}

/// What float64 gives, to the digits of float32.
#[test]
fn layers_of_float64_are_those_of_float32() {
    let double = |tensor: &Tensor| match tensor.as_f32() {
        Some(values) => f64s(tensor.shape(), &values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>()),
        None => tensor.clone(),
    };
    let functions = ["Affine", "Softplus", "Elu", "Softsign", "HardSigmoid", "ScaledTanh"];
    let both = |op| layer(op).string("direction", "bidirectional").float("clip", 0.75);
    let cases = [
        (both("LSTM"), lstm_inputs(2)),
        (both("LSTM").strings("activations", &functions).int("input_forget", 1), lstm_inputs(2)),
        (layer("GRU"), inputs(3, 1)),
        (layer("GRU").int("linear_before_reset", 1).float("clip", 0.5), inputs(3, 1)),
        (layer("RNN").strings("activations", &["ThresholdedRelu"]), inputs(1, 1)),
        (layer("RNN").strings("activations", &["LeakyRelu"]), inputs(1, 1)),
        (layer("RNN").strings("activations", &["Relu"]), inputs(1, 1)),
    ];
    for (case, inputs) in cases {
        let single = case.run(&inputs).unwrap();
        let inputs: Vec<_> = inputs.iter().map(double).collect();
        for (y, expected) in case.run(&inputs).unwrap().iter().zip(&single) {
            let TensorData::Float64(y) = y.data() else { panic!("no float64") };
            let near: Vec<_> = y.iter().map(|y| *y as f32).collect();
            assert_close(&near, expected.as_f32().unwrap());
        }
    }
    let error =
        layer("RNN").run(&[&inputs(1, 1)[..1], &[double(&inputs(1, 1)[1])], &inputs(1, 1)[2..]].concat());
    assert!(error.unwrap_err().message().starts_with("expected W of float32"));
}

#[test]
fn many_sequences_of_float64_are_as_each_by_itself() {
    let x: Vec<f64> = (0..3 * 20 * 2).map(|i| f64::from(i * 7 % 11) / 8.0 - 0.5).collect();
    let weights = |seed: i32| (0..4).map(|i| f64::from((i * 5 + seed) % 7) / 8.0 - 0.4).collect::<Vec<_>>();
    let run = |x: &[f64], batch: usize| {
        let inputs = [f64s(&[3, batch, 2], x), f64s(&[1, 2, 2], &weights(1)), f64s(&[1, 2, 2], &weights(2))];
        match layer("RNN").run(&inputs).unwrap().remove(0).into_data() {
            TensorData::Float64(y) => y,
            other => panic!("{other:?}"),
        }
    };
    let all = run(&x, 20);
    let alone = |values: &[f64], row: usize| {
        values.chunks_exact(40).flat_map(|step| step[2 * row..][..2].to_vec()).collect::<Vec<_>>()
    };
    for row in [0, 7, 19] {
        let own = run(&alone(&x, row), 1);
        let near = own.iter().zip(alone(&all, row)).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!(near, "{own:?} is not {:?}", alone(&all, row));
    }
}
