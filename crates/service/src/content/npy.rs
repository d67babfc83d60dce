//! One array as NumPy's `.npy` file, versions 1 to 3.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use edgeinfer_core::{ElementType, Error, ErrorKind, Result, Tensor};

use crate::tensors::{from_bytes, to_bytes};

/// The media type of `.npy`.
pub(crate) const NPY: &str = "application/x-npy";

const MAGIC: &[u8] = b"\x93NUMPY";

/// The element types and how NumPy writes them.
const TYPES: [(ElementType, &str); 12] = [
    (ElementType::Float32, "<f4"),
    (ElementType::Float64, "<f8"),
    (ElementType::Float16, "<f2"),
    (ElementType::Int8, "|i1"),
    (ElementType::Int16, "<i2"),
    (ElementType::Int32, "<i4"),
    (ElementType::Int64, "<i8"),
    (ElementType::UInt8, "|u1"),
    (ElementType::UInt16, "<u2"),
    (ElementType::UInt32, "<u4"),
    (ElementType::UInt64, "<u8"),
    (ElementType::Bool, "|b1"),
];

/// The array in `file`.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for what is no `.npy` file;
/// [`ErrorKind::InvalidTensor`] for one that is cut short, in Fortran's order, or of
/// a type that no tensor has.
pub(crate) fn read_npy(file: &[u8]) -> Result<Tensor> {
    let (header, data) = split(file).ok_or_else(|| malformed("it does not begin as one"))?;
    let header = str::from_utf8(header).map_err(|_| malformed("its header is not text"))?;
    let field =
        |name: &str| field(header, name).ok_or_else(|| malformed(&format!("its header has no {name}")));
    if field("fortran_order")?.starts_with("True") {
        return Err(invalid("the array is in Fortran's order; numpy.ascontiguousarray makes one in C's"));
    }
    let descr = field("descr")?;
    let descr =
        descr.strip_prefix('\'').and_then(|descr| descr.split_once('\'')).map_or("", |(descr, _)| descr);
    let (element, _) = *TYPES.iter().find(|(_, name)| *name == descr).ok_or_else(|| {
        invalid(&format!(
            "the array's type {descr:?} is not taken; it is one of {}",
            TYPES.map(|(_, name)| name).join(", ")
        ))
    })?;
    let shape = shape(field("shape")?).ok_or_else(|| malformed("its shape is not one"))?;
    from_bytes(element, &shape, data)
}

/// The header and the elements.
fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (version, rest) = file.strip_prefix(MAGIC)?.split_at_checked(2)?;
    let (length, rest) = match version.first()? {
        1 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u32::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u32::from_le_bytes(*length), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// What follows `'name':` in the header, which is a Python dictionary.
fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{name}':"))?;
    Some(rest.trim_start())
}

fn shape(text: &str) -> Option<Vec<usize>> {
    let (inner, _) = text.strip_prefix('(')?.split_once(')')?;
    inner.split(',').map(str::trim).filter(|size| !size.is_empty()).map(|size| size.parse().ok()).collect()
}

/// `tensor` as a file.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`] for a type that NumPy has no such file of.
pub(crate) fn write_npy(tensor: &Tensor) -> Result<Vec<u8>> {
    let element = tensor.element_type();
    let (_, descr) = *TYPES
        .iter()
        .find(|(own, _)| *own == element)
        .ok_or_else(|| invalid(&format!("{element} elements have no form in a .npy file")))?;
    let sizes: String = tensor.shape().iter().map(|size| format!("{size},")).collect();
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // Magic, version and length are 10 bytes; the elements start at a multiple of 64.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.extend(std::iter::repeat_n(' ', length.saturating_sub(header.len() + 1)));
    header.push('\n');
    let mut file = [MAGIC, &[1, 0], &u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes()].concat();
    file.extend_from_slice(header.as_bytes());
    to_bytes(tensor.data(), &mut file)?;
    Ok(file)
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::MalformedRequest, format!("the body is not a .npy file: {what}"))
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidTensor, message)
}

#[cfg(test)]
mod tests {
    use edgeinfer_core::TensorData;

    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for (shape, data) in [
            (vec![2, 1], TensorData::Float32(vec![1.5, -2.0])),
            (vec![3], TensorData::Int64(vec![1, 2, 3])),
            (vec![], TensorData::Bool(vec![true])),
            (vec![0, 4], TensorData::UInt8(vec![])),
        ] {
            let tensor = Tensor::new(shape, data).unwrap();
            let file = write_npy(&tensor).unwrap();
            assert_eq!(read_npy(&file), Ok(tensor));
        }
    }

    #[test]
    fn elements_start_at_a_multiple_of_64() {
        let tensor = Tensor::from_f32(vec![1], vec![1.0]).unwrap();
        let file = write_npy(&tensor).unwrap();
        assert_eq!((file.len() % 64, &file[..8]), (4, &b"\x93NUMPY\x01\0"[..]));
        let header = str::from_utf8(&file[10..file.len() - 4]).unwrap();
        assert!(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"));
        assert!(header.ends_with(" \n"));
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let file =
            |header: &str| [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        for (bytes, message) in [
            (b"PK".to_vec(), "the body is not a .npy file: it does not begin as one"),
            (file("{'descr': '<f4'}"), "the body is not a .npy file: its header has no fortran_order"),
            (
                file("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}"),
                "the array is in Fortran's order; numpy.ascontiguousarray makes one in C's",
            ),
            (
                file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"),
                "shape [1] holds 1 elements, but 0 were given",
            ),
        ] {
            assert_eq!(read_npy(&bytes).unwrap_err().message(), message);
        }
    }
}
