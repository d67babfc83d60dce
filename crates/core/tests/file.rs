//! The compiled model file: what is written is read again, and what is not a
//! whole, undamaged file of this version is refused with a hint.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use std::collections::BTreeMap;
use std::iter::repeat_n;

use edgeinfer_core::ErrorKind::{InvalidModel, UnsupportedModel, UnsupportedVersion};
use edgeinfer_core::{
    Attribute, EngineSection, FORMAT_VERSION, Graph, Model, Plan, Refusal, Step, write_model,
};
use support::{assert_error, file_of, parse, scripted};
use xxhash_rust::xxh3::xxh3_64;

fn small() -> Vec<u8> {
    write_model(&support::iris().manifest(), b"payload").unwrap()
}

fn number(file: &[u8], at: usize) -> usize {
    u64::from_le_bytes(file[at..at + 8].try_into().unwrap()).try_into().unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    for (name, source) in support::all() {
        for payload in [&b""[..], b"x", &[0; 64], &[7; 1000]] {
            let file = write_model(&source.manifest(), payload).unwrap();
            let parsed = parse(&file).unwrap();
            assert_eq!(parsed.manifest, source.manifest(), "{name}");
            assert_eq!(&*parsed.payload, payload, "{name}");
        }
    }
}

#[test]
fn the_engine_section_starts_at_a_multiple_of_64_whatever_the_manifests_length() {
    let mut manifest = support::iris().manifest();
    for length in 0..130 {
        manifest.metadata.name = Some("x".repeat(length));
        let file = write_model(&manifest, b"payload").unwrap();
        let start = number(&file, 16);
        assert_eq!(start % 64, 0, "{length}");
        assert_eq!(&file[start..], b"payload", "{length}");
        assert!(start - (64 + number(&file, 8)) < 64, "{length}: more padding than it takes");
    }
}

#[test]
fn the_layout_is_the_documented_one() {
    let manifest = support::iris().manifest();
    let written = borsh::to_vec(&manifest).unwrap();
    let file = write_model(&manifest, b"payload").unwrap();
    let start = (64 + written.len()).next_multiple_of(64);
    assert_eq!(&file[0..4], b"EDGE");
    assert_eq!(file[4..8], FORMAT_VERSION.to_le_bytes());
    assert_eq!(number(&file, 8), written.len());
    assert_eq!(number(&file, 16), start);
    assert_eq!(number(&file, 24), "payload".len());
    assert_eq!(file[32..40], xxh3_64(&file[64..]).to_le_bytes());
    assert_eq!(file[40..64], [0; 24]);
    assert_eq!(file[64..64 + written.len()], written);
    assert!(file[64 + written.len()..start].iter().all(|&byte| byte == 0));
    assert_eq!(file.len(), start + "payload".len());
    assert_eq!(file, file_of(&written, b"payload"));
}

#[test]
fn the_same_model_is_the_same_file() {
    assert_eq!(small(), small());
}

#[test]
fn every_truncation_is_an_error() {
    let file = small();
    for length in 0..file.len() {
        let error = parse(&file[..length]).expect_err("a truncated file was read");
        assert_eq!(error.kind(), InvalidModel, "{length}: {error}");
    }
}

#[test]
fn a_byte_too_many_is_an_error() {
    let mut file = small();
    file.push(0);
    assert_error(
        parse(&file),
        InvalidModel,
        None,
        &format!(
            "damaged compiled model: its {} bytes are not as long as its header says; \
             copy or download it again, or compile it again",
            file.len()
        ),
    );
}

#[test]
fn every_flipped_bit_is_an_error() {
    let file = small();
    for at in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        let error = parse(&flipped).expect_err(&format!("bit {} of byte {}", at % 8, at / 8));
        let version = (4..8).contains(&(at / 8));
        assert_eq!(error.kind(), if version { UnsupportedVersion } else { InvalidModel }, "{at}: {error}");
    }
}

#[test]
fn a_flipped_bit_of_the_content_is_told_by_the_checksum() {
    let mut file = small();
    *file.last_mut().unwrap() ^= 1;
    assert_error(
        parse(&file),
        InvalidModel,
        None,
        "damaged compiled model: its checksum does not match its content; \
         copy or download it again, or compile it again",
    );
}

#[test]
fn a_newer_or_older_version_says_so() {
    for (version, age) in [(5, "newer"), (u32::MAX, "newer"), (3, "older"), (0, "older")] {
        let mut file = small();
        file[4..8].copy_from_slice(&version.to_le_bytes());
        let message = format!(
            "the file has format version {version}, {age} than version 4, which this runtime reads; \
             use the edgeinfer that compiled it, or compile the model again with this one"
        );
        assert_error(parse(&file), UnsupportedVersion, None, &message);
    }
}

#[test]
fn a_newer_version_says_so_even_where_the_rest_of_its_header_means_something_else() {
    let mut file = vec![0xff; 64];
    file[0..4].copy_from_slice(b"EDGE");
    file[4..8].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
    assert_eq!(parse(&file).unwrap_err().kind(), UnsupportedVersion);
}

#[test]
fn bytes_that_are_something_else_give_a_hint() {
    for (bytes, message) in [
        (&b""[..], "not a compiled model: the file is empty"),
        (
            b"\x08\x08\x12\x07skl2onnx\x1a\x061.19.1",
            "not a compiled model: this looks like ONNX; \
             compile it first with `edgeinfer compile MODEL.onnx`",
        ),
        (
            b"<!doctype html><title>404 Not Found</title>",
            "not a compiled model: this looks like HTML or XML; \
             check the address that the model is loaded from",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "not a compiled model: this looks like a Git LFS pointer; \
             fetch the file itself with `git lfs pull`",
        ),
        (b"EDGE\x01", "not a compiled model: its header is cut short"),
        (b"PK\x03\x04", "not a compiled model: it does not begin as one"),
    ] {
        assert_error(parse(bytes), InvalidModel, None, message);
        let mut long = bytes.to_vec();
        long.resize(if bytes.is_empty() { 0 } else { 200 }, b' ');
        if !bytes.starts_with(b"EDGE") {
            assert_error(Model::load(long.as_slice(), Some(scripted)), InvalidModel, None, message);
        }
    }
}

#[test]
fn a_header_that_points_outside_the_file_is_an_error() {
    let file = small();
    for at in [8, 16, 24] {
        for value in [0, 1, 64, 1 << 20, 1 << 32, 1 << 63, u64::MAX, u64::MAX - 63] {
            let mut wrong = file.clone();
            wrong[at..at + 8].copy_from_slice(&value.to_le_bytes());
            let error = parse(&wrong).expect_err(&format!("{value} at {at}"));
            assert_eq!(error.kind(), InvalidModel);
        }
    }
}

#[test]
fn sections_that_overlap_or_are_not_aligned_are_an_error() {
    let manifest = borsh::to_vec(&support::iris().manifest()).unwrap();
    let file = file_of(&manifest, b"payload");
    for start in [64, 128, file.len() - 1] {
        // The checksum still fits: it does not cover the header.
        let mut wrong = file.clone();
        wrong[16..24].copy_from_slice(&(start as u64).to_le_bytes());
        wrong[24..32].copy_from_slice(&((file.len() - start) as u64).to_le_bytes());
        let error = parse(&wrong).expect_err(&format!("the engine section starts at {start}"));
        assert!(error.message().contains("not as long as its header says"), "{error}");
    }
}

#[test]
fn a_manifest_that_is_not_one_is_an_error_that_says_what() {
    assert_error(
        parse(&file_of(&[1, 0, 0, 0, 2, 0], b"")),
        InvalidModel,
        None,
        "damaged compiled model: its manifest: Unexpected length of input; copy or download it again, or \
         compile it again",
    );
}

#[test]
fn a_manifest_that_is_nested_without_end_is_an_error() {
    // Inputs: one, without a name, that is optional, of one that is optional, of …
    let optional = 4;
    let manifest: Vec<u8> =
        [1, 0, 0, 0, 0, 0, 0, 0].into_iter().chain(repeat_n(optional, 1_000_000)).collect();
    let error = parse(&file_of(&manifest, b"")).unwrap_err();
    assert!(error.message().contains("values are nested too deep"), "{error}");
}

#[test]
fn bodies_that_are_nested_without_end_are_an_error() {
    let body = |inner| {
        let attributes = BTreeMap::from([("body".to_owned(), Attribute::Graph(inner))]);
        Graph { steps: vec![Step { attributes, ..Step::default() }], ..Graph::default() }
    };
    let nested = |depth| {
        let graph = (0..depth).fold(Graph::default(), |graph, _| body(graph));
        let mut manifest = support::iris().manifest();
        manifest.engine = EngineSection::Plan(Plan { graph, ..Plan::default() });
        parse(&write_model(&manifest, b"").unwrap())
    };
    assert!(nested(20).is_ok());
    assert!(nested(200).unwrap_err().message().contains("values are nested too deep"));
}

#[test]
fn a_model_that_no_engine_reads_is_unsupported_for_the_compilers_reasons() {
    let refusal = |node: &str, reason: &str| Refusal {
        node: node.into(),
        operator: "Einsum".into(),
        reason: reason.into(),
    };
    let mut manifest = support::iris().manifest();
    let refused = vec![refusal("node #3 (Einsum)", "not known"), refusal("node #4 (Einsum)", "too long")];
    manifest.engine = EngineSection::Onnx { refused };
    assert_error(
        Model::load(write_model(&manifest, b"").unwrap().as_slice(), None),
        UnsupportedModel,
        None,
        "the model runs on the host alone, in the edgeinfer command: the compiler could not take it whole \
         (node #3 (Einsum): not known; node #4 (Einsum): too long)",
    );
}

#[test]
fn what_an_engine_does_not_take_is_the_engines_error() {
    let error = Model::load(small().as_slice(), Some(scripted)).unwrap_err();
    assert_eq!(error.kind(), UnsupportedModel);
    assert_eq!(error.message(), "expected value at line 1 column 1");
}
