//! Class probabilities from those of each pair of classes: the second method of
//! Wu, Lin and Weng, as libsvm has it.
//! <https://www.csie.ntu.edu.tw/~cjlin/papers/svmprob/svmprob.pdf>

use crate::Result;
use crate::ops::Scope;

/// Rounds after which the probabilities are taken as they are.
const ROUNDS: usize = 100;

/// Writes into `p` the probability of each class. `pairs` is a square table: in
/// row i and column j, the probability of class i if it is i or j. Calculates in
/// float32, in onnxruntime's order, as the iteration stops early.
pub(super) fn couple(pairs: &[f32], p: &mut [f32], scope: &mut Scope) -> Result<()> {
    let count = p.len();
    let mut q = scope.vec(pairs.len())?;
    quadratic_form(pairs, count, &mut q);
    let mut products = scope.filled(count, 0.0)?;
    p.fill(1.0 / count as f32);
    let tolerance = 0.005 / count as f32;
    for _ in 0..ROUNDS {
        let form = multiply(&q, p, &mut products);
        let error = products.iter().fold(0.0f32, |error, product| error.max((product - form).abs()));
        if error < tolerance {
            break;
        }
        improve(&q, p, &mut products, form);
    }
    scope.keep(products);
    scope.keep(q);
    Ok(())
}

/// The table Q whose form p'Qp the probabilities minimise.
fn quadratic_form(pairs: &[f32], count: usize, q: &mut Vec<f32>) {
    for (i, row) in pairs.chunks_exact(count.max(1)).enumerate() {
        let column = || pairs.iter().skip(i).step_by(count.max(1)).enumerate();
        let diagonal = column().filter(|&(j, _)| j != i).fold(0.0, |sum, (_, r)| sum + r * r);
        q.extend(row.iter().zip(column()).map(|(r, (j, s))| if j == i { diagonal } else { -s * r }));
    }
}

/// `products` becomes Qp; gives p'Qp.
fn multiply(q: &[f32], p: &[f32], products: &mut [f32]) -> f32 {
    let mut form = 0.0;
    for ((row, product), p_i) in q.chunks_exact(p.len().max(1)).zip(products).zip(p) {
        *product = row.iter().zip(p).fold(0.0, |sum, (q, p)| sum + q * p);
        form += p_i * *product;
    }
    form
}

/// One step along each of the axes.
fn improve(q: &[f32], p: &mut [f32], products: &mut [f32], mut form: f32) {
    for (i, row) in q.chunks_exact(p.len().max(1)).enumerate() {
        let (Some(&q_ii), Some(&product), Some(p_i)) = (row.get(i), products.get(i), p.get_mut(i)) else {
            return;
        };
        let step = (form - product) / q_ii;
        *p_i += step;
        form = (form + step * (step * q_ii + 2.0 * product)) / (1.0 + step) / (1.0 + step);
        for ((product, p), q) in products.iter_mut().zip(p.iter_mut()).zip(row) {
            *product = (*product + step * q) / (1.0 + step);
            *p /= 1.0 + step;
        }
    }
}
