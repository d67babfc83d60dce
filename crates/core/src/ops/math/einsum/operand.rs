use super::equation::Labels;
use crate::native::Native;
use crate::ops::tensor::layout::{Axis, Layout};
use crate::ops::{Scope, failed};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, TensorData};

/// How long the dimension of each label is.
pub(super) type Sizes = Vec<(u8, usize)>;

/// The length of every label of `tensors`; a dimension of 1 goes with any other.
pub(super) fn sizes(tensors: &[TensorRef<'_>], terms: &[Labels]) -> Result<Sizes> {
    let mut sizes = Sizes::new();
    for (tensor, term) in tensors.iter().zip(terms) {
        for (&label, &size) in term.iter().zip(tensor.shape) {
            match sizes.iter_mut().find(|(other, _)| *other == label) {
                None => sizes.push((label, size)),
                Some((_, known)) if *known == 1 => *known = size,
                Some((_, known)) if *known == size || size == 1 => {}
                Some((_, known)) => {
                    let name = if label.is_ascii() { char::from(label) } else { '…' };
                    return Err(failed(format!("dimension {name} is {known} and {size}")));
                }
            }
        }
    }
    Ok(sizes)
}

/// A tensor whose dimensions have labels, one or more of them the same.
pub(super) struct Operand<'a> {
    data: Data<'a>,
    shape: Shape,
    /// Where the elements of each dimension are, and what it is called.
    axes: Vec<(u8, Axis)>,
}

enum Data<'a> {
    Given(DataRef<'a>),
    Made(TensorData),
}

/// Sums up every so many numbers.
type Sum = fn(DataRef<'_>, usize, &mut Scope) -> Result<TensorData>;

impl<'a> Operand<'a> {
    /// `tensor` with every label once: a label that is there twice is a diagonal,
    /// and a dimension of 1 that is longer elsewhere is repeated.
    pub(super) fn new(tensor: TensorRef<'a>, term: &[u8], sizes: &Sizes) -> Self {
        let mut axes: Vec<(u8, Axis)> = Vec::new();
        for (&label, axis) in term.iter().zip(&Layout::dense(tensor.shape).axes) {
            let whole = sizes.iter().find(|(other, _)| *other == label).map_or(1, |(_, size)| *size);
            let step = if axis.length == 1 { 0 } else { axis.step };
            match axes.iter_mut().find(|(other, _)| *other == label) {
                Some((_, axis)) => axis.step = axis.step.wrapping_add(step),
                None => axes.push((label, Axis { length: whole, step })),
            }
        }
        let shape = axes.iter().map(|(_, axis)| axis.length).collect();
        Self { data: Data::Given(tensor.data), shape, axes }
    }

    /// A tensor as it lies.
    pub(super) fn made(data: TensorData, shape: Shape, labels: Labels) -> Self {
        let axes = labels.into_iter().zip(Layout::dense(&shape).axes).collect();
        Self { data: Data::Made(data), shape, axes }
    }

    pub(super) fn labels(&self) -> Labels {
        self.axes.iter().map(|(label, _)| *label).collect()
    }

    /// The length of a dimension.
    pub(super) fn dim(&self, label: u8) -> Option<usize> {
        self.axes.iter().find(|(other, _)| *other == label).map(|(_, axis)| axis.length)
    }

    /// The product of the lengths of some dimensions.
    pub(super) fn size(&self, labels: &Labels) -> usize {
        labels.iter().filter_map(|label| self.dim(*label)).fold(1, usize::saturating_mul)
    }

    fn data(&self) -> DataRef<'_> {
        match &self.data {
            Data::Given(data) => *data,
            Data::Made(data) => data.into(),
        }
    }

    /// The elements as they lie.
    pub(super) fn read<T: Native>(&self) -> &[T] {
        T::read(self.data()).unwrap_or_default()
    }

    /// Summed over what is not `wanted`; otherwise as it is.
    pub(super) fn arranged(self, wanted: impl Fn(&u8) -> bool, scope: &mut Scope, sum: Sum) -> Result<Self> {
        let labels = self.labels();
        if labels.iter().all(&wanted) {
            return Ok(self);
        }
        let kept: Labels = labels.into_iter().filter(wanted).collect();
        self.in_order(&kept, scope, sum)
    }

    /// With the dimensions of `order` one after the other, and summed over all
    /// others.
    pub(super) fn in_order(self, order: &[u8], scope: &mut Scope, sum: Sum) -> Result<Self> {
        let find = |label: &u8| self.axes.iter().find(|(other, _)| other == label).copied();
        let kept: Vec<(u8, Axis)> = order.iter().filter_map(find).collect();
        let rest = self.axes.iter().filter(|(label, _)| !order.contains(label)).copied();
        let layout =
            Layout { start: 0, axes: kept.iter().copied().chain(rest).map(|(_, axis)| axis).collect() };
        let (shape, labels): (Shape, Labels) = kept.iter().map(|(label, axis)| (axis.length, *label)).unzip();
        let count =
            element_count(&shape).ok_or_else(|| failed("the tensors are too large to be multiplied"))?;
        let whole = layout.shape();
        let dense = Layout::dense(&whole);
        let as_it_lies =
            layout.axes.iter().zip(&dense.axes).all(|(own, dense)| {
                own.length == dense.length && (own.step == dense.step || own.length == 1)
            });
        let moved = if as_it_lies { None } else { Some(layout.of(self.data(), scope)?) };
        if whole.len() == shape.len() {
            let Some(moved) = moved else {
                let axes = Self::made(TensorData::Bool(Vec::new()), shape.clone(), labels).axes;
                return Ok(Self { data: self.data, shape, axes });
            };
            self.recycle(scope);
            return Ok(Self::made(moved, shape, labels));
        }
        let source = moved.as_ref().map_or_else(|| self.data(), DataRef::from);
        let length = source.len().checked_div(count).unwrap_or_default();
        let mut sums = sum(source, length, scope)?;
        if length == 0 {
            sums = zeros(&sums, count, scope)?;
        }
        moved.into_iter().for_each(|moved| scope.recycle_data(moved));
        self.recycle(scope);
        Ok(Self::made(sums, shape, labels))
    }

    /// As it is, but not borrowed.
    pub(super) fn owned<'b>(self, scope: &mut Scope) -> Result<Operand<'b>> {
        let Self { data, shape, axes } = self;
        let data = match data {
            Data::Made(data) => data,
            Data::Given(data) => Layout::dense(&shape).of(data, scope)?,
        };
        Ok(Operand { data: Data::Made(data), shape, axes })
    }

    pub(super) fn into_parts(self, scope: &mut Scope) -> Result<(Shape, TensorData)> {
        let owned = self.owned(scope)?;
        match owned.data {
            Data::Made(data) => Ok((owned.shape, data)),
            Data::Given(_) => Err(failed("a result is not there")),
        }
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        if let Data::Made(data) = self.data {
            scope.recycle_data(data);
        }
    }
}

/// `count` zeros of the type of `like`.
fn zeros(like: &TensorData, count: usize, scope: &mut Scope) -> Result<TensorData> {
    Ok(match like {
        TensorData::Float32(_) => TensorData::Float32(scope.zeros(count)?),
        TensorData::Float64(_) => TensorData::Float64(scope.zeros(count)?),
        _ => TensorData::Int64(scope.zeros(count)?),
    })
}
