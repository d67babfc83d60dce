use crate::native::Native;
use crate::ops::{Node, Scope};
use crate::plan::Constant;
use crate::tensor_ref::TensorRef;
use crate::{Result, TensorData};

/// The values, and after them the default.
pub(super) struct Values {
    data: TensorData,
}

impl Values {
    /// The node's values, which are in one of four attributes.
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let names = ["values_tensor", "values_strings", "values_int64s", "values_floats"];
        let mut given = names.into_iter().filter(|name| node.has(name));
        let (Some(name), None) = (given.next(), given.next()) else {
            return Err(node.invalid("expected values in one of the values_* attributes"));
        };
        let data = match name {
            "values_strings" => TensorData::String(node.strings(name)?),
            "values_int64s" => TensorData::Int64(node.ints(name)?),
            _ => match node.tensor(name)? {
                Some(constant) => constant.view().to_tensor()?.into_data(),
                None => return Err(node.invalid("expected a tensor of values")),
            },
        };
        Self::new(data, node)
    }

    /// `data`, with the node's default for it.
    pub(super) fn new(mut data: TensorData, node: &Node<'_>) -> Result<Self> {
        let default = node.tensor("default_tensor")?.map(Constant::view);
        let default = match &default {
            Some(default) if default.shape == [1] && default.element_type() == data.element_type() => {
                Some(default)
            }
            Some(default) => {
                let (shape, got) = (default.shape, default.element_type());
                let message = format_args!(
                    "default_tensor: expected one {} element, got {got} of shape {shape:?}",
                    data.element_type()
                );
                return Err(node.invalid(message));
            }
            None => None,
        };
        let integer = node.int_or("default_int64", -1)?;
        let float = node.float_or("default_float", -0.0)?;
        match &mut data {
            TensorData::Float32(v) => v.push(of(default).unwrap_or(float)),
            TensorData::Int64(v) => v.push(of(default).unwrap_or(integer)),
            // For these, onnxruntime does not look at default_float or default_int64.
            TensorData::Float64(v) => v.push(of(default).unwrap_or(-0.0)),
            TensorData::Int32(v) => v.push(of(default).unwrap_or(-1)),
            TensorData::Int16(v) => v.push(of(default).unwrap_or(-1)),
            TensorData::String(v) => {
                let text = node.string_or("default_string", "_Unused")?;
                v.push(of(default).unwrap_or_else(|| text.to_owned()));
            }
            other => return Err(node.unsupported(format_args!("values of type {}", other.element_type()))),
        }
        Ok(Self { data })
    }

    /// The number of values, without the default.
    pub(super) fn len(&self) -> usize {
        self.data.len().saturating_sub(1)
    }

    /// The values at `places`, and the default for unknown ones.
    pub(super) fn at(&self, places: &[i64], scope: &mut Scope) -> Result<TensorData> {
        match &self.data {
            TensorData::Float32(values) => pick(values, places, scope),
            TensorData::Float64(values) => pick(values, places, scope),
            TensorData::Int64(values) => pick(values, places, scope),
            TensorData::Int32(values) => pick(values, places, scope),
            TensorData::Int16(values) => pick(values, places, scope),
            TensorData::String(values) => pick(values, places, scope),
            other => Err(crate::ops::failed(format!("unexpected values of type {}", other.element_type()))),
        }
    }
}

/// The only element of a default that is given.
fn of<T: Native>(default: Option<&TensorRef<'_>>) -> Option<T> {
    default?.read::<T>()?.first().cloned()
}

fn pick<T: Native>(values: &[T], places: &[i64], scope: &mut Scope) -> Result<TensorData> {
    let default = values.last().cloned().unwrap_or_default();
    let value = |&place: &i64| usize::try_from(place).ok().and_then(|place| values.get(place));
    let mut y = scope.vec(places.len())?;
    y.extend(places.iter().map(|place| value(place).unwrap_or(&default).clone()));
    Ok(T::wrap(y))
}
