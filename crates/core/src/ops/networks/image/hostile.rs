//! Whatever an operator is given, it answers or refuses.

use proptest::prelude::*;

use super::OPERATORS;
use crate::ops::testing::{Case, f32s, f64s, i64s, tensor};
use crate::{Tensor, TensorData, Value};

const NUMBERS: [f32; 9] = [0.0, 1.0, -1.0, 0.5, 3.7, 1e30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
const WHOLE: [i64; 9] = [0, 1, 2, 3, 5, -1, -2, i64::MAX, i64::MIN];
const TEXTS: [&str; 14] = [
    "linear",
    "cubic",
    "nearest",
    "avg",
    "max",
    "border",
    "reflection",
    "CRD",
    "tf_crop_and_resize",
    "align_corners",
    "half_pixel_symmetric",
    "output_half_pixel",
    "not_smaller",
    "ceil",
];

fn given() -> impl Strategy<Value = Option<Tensor>> {
    // Without elements, the other dimensions may be ever so long.
    let dim = prop_oneof![8 => 0..5usize, 1 => Just(usize::MAX), 1 => Just(usize::MAX / 2)];
    let shape = prop::collection::vec(dim, 0..6);
    (shape, 0..6u8, any::<u32>()).prop_map(|(mut shape, kind, seed)| {
        if kind == 5 {
            return None;
        }
        if shape.iter().try_fold(1usize, |all, &dim| all.checked_mul(dim)).is_none_or(|all| all > 600) {
            shape.insert(0, 0);
        }
        let length = if shape.contains(&0) { 0 } else { shape.iter().product() };
        let at = |i: usize| (i + seed as usize) * 7919 % 9;
        Some(match kind {
            0 => i64s(&shape, &(0..length).map(|i| WHOLE[at(i)]).collect::<Vec<_>>()),
            1 => f64s(&shape, &(0..length).map(|i| f64::from(NUMBERS[at(i)])).collect::<Vec<_>>()),
            2 => tensor(&shape, TensorData::UInt8((0..length).map(|i| i as u8).collect())),
            _ => f32s(&shape, &(0..length).map(|i| NUMBERS[at(i)]).collect::<Vec<_>>()),
        })
    })
}

fn attribute(case: Case, name: &str, pick: usize) -> Case {
    match name {
        "pooled_shape" | "axes" => case.ints(name, &[WHOLE[pick % 9], WHOLE[(pick / 9) % 9]]),
        "spatial_scale" | "cubic_coeff_a" | "extrapolation_value" => case.float(name, NUMBERS[pick % 9]),
        "scales" => case.floats(name, &NUMBERS[..pick % 5]),
        "mode"
        | "padding_mode"
        | "nearest_mode"
        | "keep_aspect_ratio_policy"
        | "coordinate_transformation_mode" => case.string(name, TEXTS[pick % TEXTS.len()]),
        _ => case.int(name, WHOLE[pick % 9]),
    }
}

const NAMES: [&str; 16] = [
    "axes",
    "mode",
    "padding_mode",
    "nearest_mode",
    "keep_aspect_ratio_policy",
    "align_corners",
    "coordinate_transformation_mode",
    "pooled_shape",
    "spatial_scale",
    "cubic_coeff_a",
    "blocksize",
    "output_height",
    "output_width",
    "sampling_ratio",
    "antialias",
    "exclude_outside",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_inputs_and_attributes_end_in_a_panic(
        (place, version) in (0..OPERATORS.len(), 6..23u32),
        inputs in prop::collection::vec(given(), 0..6),
        attributes in prop::collection::vec((0..NAMES.len(), 0..1000usize), 0..5),
    ) {
        let entry = &OPERATORS[place];
        let mut case = Case::new(entry.domain, entry.op, version);
        for (name, pick) in attributes {
            case = attribute(case, NAMES[name], pick);
        }
        let inputs: Vec<_> = inputs.into_iter().map(|input| input.map(Value::Tensor)).collect();
        let _ = case.run_values(&inputs);
    }

    #[test]
    fn images_of_any_size_are_sampled_or_refused(
        (place, version) in (0..OPERATORS.len(), 9..23u32),
        (n, c, h, w) in (0..3usize, 0..5usize, 0..5usize, 0..5usize),
        (count, width) in (0..4usize, 2..6usize),
        attributes in prop::collection::vec((0..NAMES.len(), 0..1000usize), 0..5),
        seed in 0..9usize,
    ) {
        let entry = &OPERATORS[place];
        let mut case = Case::new(entry.domain, entry.op, version);
        for (name, pick) in attributes {
            case = attribute(case, NAMES[name], pick);
        }
        let numbers = |shape: &[usize]| {
            let length = shape.iter().product::<usize>();
            f32s(shape, &(0..length).map(|i| NUMBERS[(i * 31 + seed) % 9]).collect::<Vec<_>>())
        };
        let second = match entry.op {
            "GridSample" => numbers(&[n, h, count, 2]),
            "AffineGrid" | "CenterCropPad" => i64s(&[4], &[n as i64, 1, 3, WHOLE[seed]]),
            "NonMaxSuppression" => numbers(&[n, c, count]),
            "Upsample" => f32s(&[4], &[1.0, 1.0, 1.5, 2.0]),
            _ => numbers(&[count, width]),
        };
        let first = match entry.op {
            "NonMaxSuppression" => numbers(&[n, count, 4]),
            "AffineGrid" => numbers(&[n, 2, 3]),
            _ => numbers(&[n, c, h, w]),
        };
        let third = match entry.op {
            "Resize" | "NonMaxSuppression" => None,
            _ => Some(Value::Tensor(i64s(&[count], &WHOLE[..count]))),
        };
        let sizes = i64s(&[4], &[n as i64, c as i64, WHOLE[seed], 3]);
        let second = if entry.op == "Resize" { None } else { Some(Value::Tensor(second)) };
        let _ = case.run_values(&[Some(Value::Tensor(first)), second, third, Some(Value::Tensor(sizes))]);
    }
}
