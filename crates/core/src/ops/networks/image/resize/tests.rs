use crate::ops::testing::{Case, assert_close, f32s, f64s, i64s, tensor, texts};
use crate::{Result, Tensor, TensorData, Value};

fn run(case: &Case, inputs: &[Option<Tensor>]) -> Result<Tensor> {
    let inputs: Vec<_> = inputs.iter().cloned().map(|input| input.map(Value::Tensor)).collect();
    Ok(case.run_values(&inputs)?[0].as_tensor().unwrap().clone())
}

/// A row resized to `sizes` places.
fn to(case: &Case, row: &[f32], size: i64) -> Vec<f32> {
    let inputs = [Some(f32s(&[1, row.len()], row)), None, None, Some(i64s(&[2], &[1, size]))];
    run(case, &inputs).unwrap().as_f32().unwrap().to_vec()
}

/// A row resized by `scale`.
fn by(case: &Case, row: &[f32], scale: f32) -> Vec<f32> {
    let inputs = [Some(f32s(&[1, row.len()], row)), None, Some(f32s(&[2], &[1.0, scale]))];
    run(case, &inputs).unwrap().as_f32().unwrap().to_vec()
}

fn mode(mode: &str, transform: &str) -> Case {
    Case::new("", "Resize", 19).string("mode", mode).string("coordinate_transformation_mode", transform)
}

const ROW: [f32; 4] = [1.0, 2.0, 3.0, 4.0];

#[test]
fn the_nearest_element_is_as_asked_for() {
    let nearest = |nearest| mode("nearest", "asymmetric").string("nearest_mode", nearest);
    assert_eq!(to(&nearest("floor"), &ROW, 8), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
    assert_eq!(to(&nearest("ceil"), &ROW, 8), [1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0]);
    assert_eq!(to(&nearest("round_prefer_floor"), &ROW, 8), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
    assert_eq!(to(&nearest("round_prefer_ceil"), &ROW, 8), [1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0]);
    let row: Vec<f32> = (0..7).map(|x| x as f32).collect();
    assert_eq!(to(&nearest("round_prefer_ceil"), &row, 2), [0.0, 4.0]);
}

#[test]
fn linear_and_cubic_weigh_neighbours() {
    let y = to(&mode("linear", "half_pixel"), &ROW, 8);
    assert_close(&y, &[1.0, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4.0]);
    let y = to(&mode("linear", "align_corners"), &ROW, 7);
    assert_close(&y, &[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]);
    assert_close(&by(&mode("linear", "align_corners"), &ROW, 0.6), &[1.0, 3.142857]);
    assert_close(&by(&mode("linear", "half_pixel_symmetric"), &ROW, 0.6), &[1.666_667, 3.333_333]);
    assert_close(&to(&mode("linear", "pytorch_half_pixel"), &ROW, 1), &[1.0]);
    let y = to(&mode("cubic", "half_pixel"), &ROW, 8);
    assert_close(
        &y,
        &[0.894_531, 1.191_406, 1.667_969, 2.296_875, 2.703_125, 3.332_031, 3.808_594, 4.105_469],
    );
    let y = to(&mode("cubic", "half_pixel").float("cubic_coeff_a", -0.5).int("exclude_outside", 1), &ROW, 5);
    assert_close(&y, &[0.956_731, 1.648_085, 2.5, 3.351_914, 4.043_269]);
}

#[test]
fn more_neighbours_count_against_aliasing() {
    let row: Vec<f32> = (1..9).map(|x| (x * x) as f32).collect();
    let linear = mode("linear", "half_pixel").int("antialias", 1);
    assert_close(&to(&linear, &row, 3), &[4.767_442, 21.452_381, 50.186_045]);
    let cubic = mode("cubic", "half_pixel").int("antialias", 1);
    assert_close(&to(&cubic, &row, 3), &[3.232_043, 20.050_787, 52.046_994]);
}

#[test]
fn a_region_may_reach_beyond_the_image() {
    let case = mode("linear", "tf_crop_and_resize").float("extrapolation_value", 9.0).ints("axes", &[1]);
    let region = Some(f32s(&[2], &[0.5, 1.5]));
    let inputs = [Some(f32s(&[1, 4], &ROW)), region.clone(), None, Some(i64s(&[1], &[3]))];
    assert_eq!(run(&case, &inputs).unwrap(), f32s(&[1, 3], &[2.5, 4.0, 9.0]));
    let case = case.string("mode", "nearest");
    let inputs = [Some(i64s(&[1, 4], &[1, 2, 3, 4])), region, None, Some(i64s(&[1], &[3]))];
    assert_eq!(run(&case, &inputs).unwrap(), i64s(&[1, 3], &[2, 4, 9]));
}

#[test]
fn the_shape_may_be_kept() {
    let x = || Some(f32s(&[1, 2, 4], &[0.0; 8]));
    for (policy, expected) in [("stretch", [1, 7, 8]), ("not_larger", [1, 4, 8]), ("not_smaller", [1, 7, 14])]
    {
        let case =
            mode("nearest", "half_pixel").string("keep_aspect_ratio_policy", policy).ints("axes", &[1, -1]);
        let y = run(&case, &[x(), None, None, Some(i64s(&[2], &[7, 8]))]).unwrap();
        assert_eq!(y.shape(), expected, "{policy}");
    }
}

#[test]
fn old_operator_sets_take_the_element_before_or_after() {
    let inputs = |scale| [f32s(&[1, 4], &ROW), f32s(&[2], &[1.0, scale])];
    let y = Case::new("", "Resize", 10).run(&inputs(0.6)).unwrap();
    assert_eq!(y, [f32s(&[1, 2], &[1.0, 3.0])]);
    let y = Case::new("", "Upsample", 9).run(&inputs(1.5)).unwrap();
    assert_eq!(y, [f32s(&[1, 6], &[1.0, 1.0, 2.0, 3.0, 3.0, 4.0])]);
    let case = Case::new("", "Upsample", 7).string("mode", "linear").floats("scales", &[1.0, 2.0]);
    let y = case.run(&inputs(0.0)[..1]).unwrap();
    assert_eq!(y, [f32s(&[1, 8], &[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.0])]);
}

#[test]
fn takes_elements_of_other_types() {
    let sizes = || Some(i64s(&[1], &[4]));
    let x = tensor(&[2], TensorData::UInt8(vec![0, 255]));
    let resized = |kind, x| run(&mode(kind, "half_pixel"), &[Some(x), None, None, sizes()]).unwrap();
    assert_eq!(resized("linear", x.clone()), tensor(&[4], TensorData::UInt8(vec![0, 63, 191, 255])));
    assert_eq!(resized("cubic", x), tensor(&[4], TensorData::UInt8(vec![0, 58, 197, 255])));
    assert_eq!(resized("linear", f64s(&[2], &[0.0, 1.0])), f64s(&[4], &[0.0, 0.25, 0.75, 1.0]));
    assert_eq!(resized("nearest", texts(&[2], &["a", "b"])), texts(&[4], &["a", "a", "b", "b"]));
}

#[test]
fn several_axes_go_one_after_the_other() {
    let x = f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let y = run(&mode("linear", "half_pixel"), &[Some(x), None, None, Some(i64s(&[3], &[1, 4, 1]))]).unwrap();
    assert_eq!(y, f32s(&[1, 4, 1], &[1.5, 2.0, 3.0, 3.5]));
}

#[test]
fn refuses_sizes_that_do_not_fit() {
    let case = mode("linear", "half_pixel");
    let error = |inputs: &[Option<Tensor>]| run(&case, inputs).unwrap_err().message().to_owned();
    let x = || Some(f32s(&[2], &[1.0; 2]));
    assert_eq!(error(&[x()]), "expected scales or sizes, got neither");
    let (scales, sizes) = (Some(f32s(&[1], &[1.0])), Some(i64s(&[1], &[1])));
    assert_eq!(error(&[x(), None, scales, sizes]), "expected scales or sizes, got both");
    assert_eq!(error(&[x(), None, Some(f32s(&[2], &[1.0; 2]))]), "expected 1 scales, got 2");
    assert_eq!(error(&[x(), None, Some(f32s(&[1], &[f32::NAN]))]), "axis 0: NaN is no scale");
    assert_eq!(error(&[x(), None, Some(f32s(&[1], &[-1.0]))]), "axis 0: -1 is no scale");
    error(&[x(), None, Some(f32s(&[1], &[1e30]))]);
    let nothing = Some(f32s(&[0], &[]));
    assert_eq!(error(&[nothing, None, None, Some(i64s(&[1], &[1]))]), "axis 0 has no elements to be resized");
}

#[test]
fn nothing_stays_nothing() {
    let inputs = [Some(f32s(&[0, 2], &[])), None, Some(f32s(&[2], &[2.0, 2.0]))];
    assert_eq!(run(&mode("linear", "half_pixel"), &inputs).unwrap(), f32s(&[0, 4], &[]));
    let inputs = [Some(f32s(&[2], &[1.0; 2])), None, None, Some(i64s(&[1], &[0]))];
    assert_eq!(run(&mode("cubic", "half_pixel"), &inputs).unwrap(), f32s(&[0], &[]));
}
