//! Fourier transforms, windows and filters of sampled signals.

mod dft;
mod mel_weight_matrix;
mod stft;
mod transform;
mod windows;

use super::{Entry, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "BlackmanWindow", windows::blackman),
    entry(ONNX, "DFT", dft::build),
    entry(ONNX, "HammingWindow", windows::hamming),
    entry(ONNX, "HannWindow", windows::hann),
    entry(ONNX, "MelWeightMatrix", mel_weight_matrix::build).narrowing(0),
    entry(ONNX, "STFT", stft::build),
];
