//! `TfIdfVectorizer`: how often known n-grams are in rows of tokens.
//! <https://onnx.ai/onnx/operators/onnx__TfIdfVectorizer.html>
//!
//! The weights are those of n-grams, and not of columns, which some n-grams may
//! share: so onnxruntime 1.32 has it.

use super::grams::{Grams, Pool};
use crate::bytes::Weights;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

struct TfIdfVectorizer {
    grams: Grams,
    /// The column that each n-gram counts in, and its weight, if it has one.
    columns: Vec<usize>,
    weights: Option<Weights<f32>>,
    width: usize,
    mode: Mode,
    lengths: (usize, usize),
    /// Tokens of an n-gram are at most so far from each other.
    farthest: usize,
}

enum Mode {
    Frequency,
    /// The weight of an n-gram that is there, however often.
    Presence,
    Weighted,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let mode = match node.string_or("mode", "")? {
        "TF" => Mode::Frequency,
        "IDF" => Mode::Presence,
        "TFIDF" => Mode::Weighted,
        other => return Err(node.invalid(format_args!("mode: expected TF, IDF or TFIDF, got {other:?}"))),
    };
    let length = |name| usize::try_from(node.int_or(name, 1)?).map_err(|_| node.invalid(name));
    let lengths = (length("min_gram_length")?, length("max_gram_length")?);
    if lengths.0 < 1 || lengths.0 > lengths.1 {
        let (min, max) = lengths;
        return Err(node.invalid(format_args!("n-grams cannot have {min} to {max} tokens")));
    }
    let skipped = usize::try_from(node.int_or("max_skip_count", 0)?);
    let skipped = skipped.map_err(|_| node.invalid("max_skip_count: expected no negative number"))?;
    let columns = columns(node)?;
    let weights = node.floats("weights")?;
    if !weights.is_empty() && weights.len() != columns.len() {
        let (weights, indexes) = (weights.len(), columns.len());
        let message = format_args!("{weights} weights do not go with {indexes} numbers in ngram_indexes");
        return Err(node.invalid(message));
    }
    let counts = node.ints("ngram_counts")?;
    let grams = Grams::of(&pool(node)?, &counts, lengths).map_err(|what| node.invalid(what))?;
    if grams.count() > columns.len() {
        let (grams, indexes) = (grams.count(), columns.len());
        return Err(node.invalid(format_args!("{indexes} numbers in ngram_indexes for {grams} n-grams")));
    }
    Ok(Box::new(TfIdfVectorizer {
        grams,
        width: columns.iter().max().map_or(0, |last| last.saturating_add(1)),
        columns,
        weights: Some(weights).filter(|weights| !weights.is_empty()),
        mode,
        lengths,
        farthest: skipped.saturating_add(1),
    }))
}

fn columns(node: &Node<'_>) -> Result<Vec<usize>> {
    let indexes = node.ints("ngram_indexes")?;
    let columns: Option<Vec<_>> = indexes.iter().map(|&index| usize::try_from(index).ok()).collect();
    match columns {
        Some(columns) if !columns.is_empty() => Ok(columns),
        _ => Err(node.invalid("ngram_indexes: expected numbers that are not negative")),
    }
}

fn pool(node: &Node<'_>) -> Result<Pool> {
    let strings = node.strings("pool_strings")?;
    if !strings.is_empty() {
        return Ok(Pool::Strings(strings));
    }
    let integers = node.ints("pool_int64s")?;
    if integers.is_empty() {
        return Err(node.invalid("expected tokens in pool_strings or pool_int64s"));
    }
    Ok(Pool::Integers(integers))
}

impl Operator for TfIdfVectorizer {
    /// Strings, or int64 or int32, `[tokens]` or `[rows, tokens]`, to float32
    /// `[columns]` or `[rows, columns]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (rows, length) = match *x.shape {
            [length] => (1, length),
            [rows, length] => (rows, length),
            _ => {
                let message = format!("expected tokens of one or two dimensions, got shape {:?}", x.shape);
                return Err(failed(message));
            }
        };
        let mut tokens = scope.vec::<u32>(x.len())?;
        if !self.grams.tokens(x.data, &mut tokens) {
            let got = x.element_type();
            return Err(failed(format!("expected tokens of the pool's type, got {got} elements")));
        }
        let mut y = scope.filled(rows.saturating_mul(self.width), 0.0)?;
        for (row, y) in tokens.chunks_exact(length.max(1)).zip(y.chunks_exact_mut(self.width)) {
            self.count(row, y);
        }
        scope.keep(tokens);
        let mut shape = Shape::from_slice(x.shape);
        if let Some(length) = shape.last_mut() {
            *length = self.width;
        }
        one(shape, TensorData::Float32(y))
    }
}

impl TfIdfVectorizer {
    /// Counts the n-grams of a row for each distance between their tokens; those
    /// of one token, which have none, only once.
    fn count(&self, row: &[u32], y: &mut [f32]) {
        let (mut least, most) = self.lengths;
        for distance in 1..=self.farthest {
            let span = distance.saturating_mul(least - 1);
            if span >= row.len() || least > most {
                return;
            }
            for start in 0..row.len() - span {
                let from = row.get(start..).unwrap_or_default();
                let tokens = from.iter().step_by(distance).take(most).copied();
                self.grams.walk(tokens, least, |gram| self.add(gram, y));
            }
            least = least.max(2);
        }
    }

    fn add(&self, gram: usize, y: &mut [f32]) {
        let Some(y) = self.columns.get(gram).and_then(|&column| y.get_mut(column)) else { return };
        let weight = self.weights.as_ref().and_then(|weights| weights.get(gram)).copied().unwrap_or(1.0);
        match self.mode {
            Mode::Frequency => *y += 1.0,
            Mode::Presence => *y = weight,
            Mode::Weighted => *y += weight,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::ops::testing::{Case, assert_close, f32s, i64s, texts};
    use crate::{Tensor, TensorData};

    fn vectorizer(lengths: [i64; 2], skip: i64) -> Case {
        Case::new("", "TfIdfVectorizer", 9)
            .string("mode", "TF")
            .int("min_gram_length", lengths[0])
            .int("max_gram_length", lengths[1])
            .int("max_skip_count", skip)
    }

    /// The pool of ONNX's own tests.
    fn integers(lengths: [i64; 2], skip: i64) -> Case {
        vectorizer(lengths, skip)
            .ints("ngram_counts", &[0, 4])
            .ints("ngram_indexes", &[0, 1, 2, 3, 4, 5, 6])
            .ints("pool_int64s", &[2, 3, 5, 4, 5, 6, 7, 8, 6, 7])
    }

    fn i32s(shape: &[usize], values: &[i32]) -> Tensor {
        Tensor::new(shape, TensorData::Int32(values.to_vec())).unwrap()
    }

    fn one_row() -> Tensor {
        i32s(&[12], &[1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8])
    }

    fn two_rows() -> Tensor {
        i32s(&[2, 6], &[1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8])
    }

    #[test]
    fn test_tfidfvectorizer_tf_only_bigrams_skip0() {
        let y = integers([2, 2], 0).run(&[one_row()]).unwrap();
        assert_eq!(y, [f32s(&[7], &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])]);
    }

    #[test]
    fn test_tfidfvectorizer_tf_onlybigrams_skip5() {
        let y = integers([2, 2], 5).run(&[one_row()]).unwrap();
        assert_eq!(y, [f32s(&[7], &[0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 1.0])]);
    }

    #[test]
    fn test_tfidfvectorizer_tf_uniandbigrams_skip5() {
        let y = integers([1, 2], 5).run(&[one_row()]).unwrap();
        assert_eq!(y, [f32s(&[7], &[0.0, 3.0, 1.0, 0.0, 1.0, 3.0, 1.0])]);
    }

    #[test]
    fn test_tfidfvectorizer_tf_batch_onlybigrams() {
        let y = integers([2, 2], 0).run(&[two_rows()]).unwrap();
        let row = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0];
        assert_eq!(y, [f32s(&[2, 7], &[[0.0; 7], row].concat())]);
        let y = integers([2, 2], 5).run(&[two_rows()]).unwrap();
        let row = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        assert_eq!(y, [f32s(&[2, 7], &[[0.0; 7], row].concat())]);
    }

    #[test]
    fn test_tfidfvectorizer_tf_batch_uniandbigrams_skip5() {
        let y = integers([1, 2], 5).run(&[two_rows()]).unwrap();
        let rows = [[0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0]];
        assert_eq!(y, [f32s(&[2, 7], &rows.concat())]);
    }

    #[test]
    fn test_tfidfvectorizer_tf_onlybigrams_levelempty() {
        let case = vectorizer([2, 2], 0)
            .ints("ngram_counts", &[0, 0])
            .ints("ngram_indexes", &[0, 1, 2])
            .ints("pool_int64s", &[5, 6, 7, 8, 6, 7]);
        assert_eq!(case.run(&[one_row()]).unwrap(), [f32s(&[3], &[1.0, 1.0, 1.0])]);
    }

    fn words(mode: &str) -> Case {
        vectorizer([1, 2], 0)
            .string("mode", mode)
            .ints("ngram_counts", &[0, 3])
            .ints("ngram_indexes", &[0, 1, 2, 3, 4])
            .strings("pool_strings", &["a", "b", "c", "a", "b", "b", "c"])
    }

    fn check(case: &Case, expected: &[f32]) {
        let x = texts(&[2, 4], &["a", "b", "a", "b", "c", "c", "b", "z"]);
        let y = case.run(&[x]).unwrap();
        assert_eq!(y[0].shape(), [2, expected.len() / 2]);
        assert_close(y[0].as_f32().unwrap(), expected);
    }

    #[test]
    fn counts_weighs_or_marks_as_the_mode_says() {
        let weighted = |mode| words(mode).floats("weights", &[0.1, 0.2, 0.3, 0.4, 0.5]);
        let counts = [2.0, 2.0, 0.0, 2.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0];
        check(&words("TF"), &counts);
        check(&weighted("TF"), &counts);
        check(&words("TFIDF"), &counts);
        check(&weighted("TFIDF"), &[0.2, 0.4, 0.0, 0.8, 0.0, 0.0, 0.2, 0.6, 0.0, 0.0]);
        check(&words("IDF"), &[1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        check(&weighted("IDF"), &[0.1, 0.2, 0.0, 0.4, 0.0, 0.0, 0.2, 0.3, 0.0, 0.0]);
    }

    #[test]
    fn weights_are_those_of_n_grams_whatever_their_columns() {
        let case = |mode, indexes: &[i64]| {
            words(mode).floats("weights", &[0.1, 0.2, 0.3, 0.4, 0.5]).ints("ngram_indexes", indexes)
        };
        let expected = [0.0, 0.4, 0.0, 0.2, 0.0, 0.0, 0.1, 0.0, 0.0, 0.3, 0.2, 0.0, 0.0, 0.0];
        check(&case("IDF", &[6, 3, 2, 1, 0]), &expected);
        check(&case("TFIDF", &[0, 0, 1, 1, 2]), &[0.6, 0.8, 0.0, 0.2, 0.6, 0.0]);
        check(&case("IDF", &[0, 0, 1, 1, 2]), &[0.2, 0.4, 0.0, 0.2, 0.3, 0.0]);
    }

    #[test]
    fn of_n_grams_that_share_a_column_the_last_one_found_is_marked() {
        let case = words("IDF")
            .floats("weights", &[0.1, 0.2, 0.3, 0.4, 0.5])
            .ints("ngram_indexes", &[0, 1, 2, 1, 0]);
        let marked = |x: &[&str]| case.run(&[texts(&[x.len()], x)]).unwrap();
        assert_eq!(marked(&["a", "b"]), [f32s(&[3], &[0.1, 0.2, 0.0])]);
        assert_eq!(marked(&["b", "c"]), [f32s(&[3], &[0.5, 0.2, 0.3])]);
        assert_eq!(marked(&["b", "a", "b", "z"]), [f32s(&[3], &[0.1, 0.2, 0.0])]);
    }

    #[test]
    fn tokens_of_n_grams_are_as_far_apart_as_they_may_skip() {
        let case = |lengths, skip| {
            vectorizer(lengths, skip)
                .ints("ngram_counts", &[0, 2, 6])
                .ints("ngram_indexes", &[0, 1, 2, 3, 4, 5])
                .strings("pool_strings", &["a", "b", "a", "b", "b", "c", "a", "b", "c", "b", "a", "b"])
        };
        let run = |case: Case| case.run(&[texts(&[5], &["a", "b", "a", "b", "c"])]).unwrap();
        assert_eq!(run(case([1, 3], 0)), [f32s(&[6], &[2.0, 2.0, 2.0, 1.0, 1.0, 1.0])]);
        assert_eq!(run(case([1, 3], 2)), [f32s(&[6], &[2.0, 2.0, 3.0, 2.0, 1.0, 1.0])]);
        assert_eq!(run(case([2, 3], 1)), [f32s(&[6], &[0.0, 0.0, 2.0, 1.0, 1.0, 1.0])]);
        assert_eq!(run(case([1, 3], i64::MAX)), [f32s(&[6], &[2.0, 2.0, 3.0, 2.0, 1.0, 1.0])]);
    }

    #[test]
    fn nothing_counts_where_there_are_no_tokens() {
        assert_eq!(words("TF").run(&[texts(&[0], &[])]).unwrap(), [f32s(&[5], &[0.0; 5])]);
        assert_eq!(words("TF").run(&[texts(&[2, 0], &[])]).unwrap(), [f32s(&[2, 5], &[0.0; 10])]);
    }

    #[test]
    fn takes_int64_and_negative_numbers() {
        let case = integers([1, 1], 0).ints("pool_int64s", &[-2, 3, 5, 4, 5, 6, 7, 8, 6, 7]);
        let y = case.run(&[i64s(&[2], &[-2, 2])]).unwrap();
        assert_eq!(y, [f32s(&[7], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])]);
    }

    #[test]
    fn refuses_attributes_that_contradict_each_other() {
        let message = |case: Case| {
            let error = case.run(&[texts(&[1], &["a"])]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidModel);
            error.message().to_owned()
        };
        assert_eq!(message(words("BM25")), "mode: expected TF, IDF or TFIDF, got \"BM25\"");
        assert_eq!(message(words("TF").int("min_gram_length", 3)), "n-grams cannot have 3 to 2 tokens");
        assert_eq!(message(words("TF").int("min_gram_length", 0)), "n-grams cannot have 0 to 2 tokens");
        let negative = words("TF").int("max_skip_count", -1);
        assert_eq!(message(negative), "max_skip_count: expected no negative number");
        let indexes = |indexes| words("TF").ints("ngram_indexes", indexes);
        assert_eq!(message(indexes(&[0, 1])), "2 numbers in ngram_indexes for 5 n-grams");
        let expected = "ngram_indexes: expected numbers that are not negative";
        assert_eq!(message(indexes(&[0, 1, 2, -1, 3])), expected);
        let weights = words("TF").floats("weights", &[1.0]);
        assert_eq!(message(weights), "1 weights do not go with 5 numbers in ngram_indexes");
        let counts = |counts| words("TF").ints("ngram_counts", counts);
        assert_eq!(message(counts(&[0])), "ngram_counts has no n-grams of 2 tokens");
        let expected = "ngram_counts does not fit the pool";
        assert_eq!(message(counts(&[0, 9])), expected);
        assert_eq!(message(counts(&[3, 0])), expected);
        assert_eq!(message(counts(&[0, 2])), expected);
        let pool = words("TF").strings("pool_strings", &["a", "a", "c", "a", "b", "b", "c"]);
        assert_eq!(message(pool), "the pool has an n-gram twice");
        let pool = words("TF").strings("pool_strings", &[]);
        assert_eq!(message(pool), "expected tokens in pool_strings or pool_int64s");
    }

    #[test]
    fn refuses_other_shapes_and_types() {
        let error = words("TF").run(&[i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "expected tokens of the pool's type, got int64 elements");
        let error = words("TF").run(&[texts(&[], &["a"])]).unwrap_err();
        assert_eq!(error.message(), "expected tokens of one or two dimensions, got shape []");
        let huge = words("TF").ints("ngram_indexes", &[0, 1, 2, 3, i64::MAX]);
        let error = huge.run(&[texts(&[1], &["a"])]).unwrap_err();
        assert!(error.message().ends_with("does not fit into memory"));
    }
}
