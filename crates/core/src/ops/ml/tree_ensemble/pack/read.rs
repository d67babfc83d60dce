//! ONNX's attributes as all forms have them.

use crate::Result;
use crate::ops::Node;
use crate::tensor_ref::DataRef;

/// A list of numbers, and whether it is float64.
pub(super) struct Numbers {
    pub(super) values: Vec<f64>,
    pub(super) double: bool,
}

/// The attribute `name`, or `name_as_tensor`.
pub(super) fn numbers(node: &Node<'_>, name: &str) -> Result<Numbers> {
    let as_tensor = format!("{name}_as_tensor");
    let name = match (node.has(name), node.has(&as_tensor)) {
        (true, true) => return Err(node.invalid(format_args!("expected {name} or {as_tensor}, got both"))),
        (false, true) => &as_tensor,
        _ => name,
    };
    match node.tensor(name)?.map(|constant| constant.view().data) {
        None => Ok(Numbers { values: Vec::new(), double: false }),
        Some(DataRef::Float32(values)) => {
            Ok(Numbers { values: values.iter().map(|&value| f64::from(value)).collect(), double: false })
        }
        Some(DataRef::Float64(values)) => Ok(Numbers { values: values.to_vec(), double: true }),
        Some(other) => {
            let got = other.element_type();
            Err(node.invalid(format_args!("{name}: expected float32 or float64 elements, got {got}")))
        }
    }
}

/// Checks that a list is as long as the one that it goes with.
pub(super) fn expect(node: &Node<'_>, name: &str, length: usize, expected: usize) -> Result<()> {
    if length == expected {
        return Ok(());
    }
    Err(node.invalid(format_args!("{name}: expected {expected} elements, got {length}")))
}

/// The attribute `name`, which is one of `known`.
pub(super) fn one_of(node: &Node<'_>, name: &str, known: &[&'static str]) -> Result<&'static str> {
    let default = known.first().copied().unwrap_or_default();
    let value = node.string_or(name, default)?;
    let found = known.iter().copied().find(|&known| known == value);
    found.ok_or_else(|| node.invalid(format_args!("{name}: unexpected {value}")))
}

/// The attribute `n_targets`.
pub(super) fn targets(node: &Node<'_>) -> Result<usize> {
    let targets = node.int_or("n_targets", 0)?;
    let message = format_args!("n_targets: expected a positive number, got {targets}");
    usize::try_from(targets).map_err(|_| node.invalid(message))
}

/// The number of a target, which is one of `targets`.
pub(super) fn target(node: &Node<'_>, name: &str, target: i64, targets: usize) -> Result<u32> {
    let known = u32::try_from(target).ok().filter(|&target| (target as usize) < targets);
    known.ok_or_else(|| node.invalid(format_args!("{name}: expected targets below {targets}, got {target}")))
}

/// The number of a feature.
pub(super) fn feature(node: &Node<'_>, feature: i64) -> Result<u32> {
    u32::try_from(feature).map_err(|_| node.invalid(format_args!("nodes_featureids: unexpected {feature}")))
}
