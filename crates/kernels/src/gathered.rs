use super::panels::{Panel, WIDTH};

/// A matrix whose element `[k, n]` is `source[rows[k] + columns[n]]`: what a
/// convolution multiplies its weights by. A row is a tap of the kernel, a column a
/// place of the result.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'a> {
    /// Where the elements lie. What is outside is 0.
    pub source: &'a [f32],
    /// For each row, where its elements begin.
    pub rows: &'a [u32],
    /// For each column, the distance from there.
    pub columns: &'a [u32],
}

impl Gathered<'_> {
    /// As [`Columns::fill`](super::Columns::fill).
    pub fn fill(&self, row: usize, column: usize, panel: &mut [Panel]) {
        let rows = self.rows.get(row..).unwrap_or_default();
        let columns = self.columns.get(column..).unwrap_or_default();
        match columns.first_chunk::<WIDTH>() {
            Some(columns) if runs(columns) => self.copy(rows, columns, panel),
            Some(columns) => self.gather(rows, columns, panel),
            None => {
                let mut last = [0; WIDTH];
                last.iter_mut().zip(columns).for_each(|(last, column)| *last = *column);
                self.gather(rows, &last, panel);
            }
        }
    }

    fn copy(&self, rows: &[u32], columns: &[u32; WIDTH], panel: &mut [Panel]) {
        let [start, ..] = *columns;
        for (panel, row) in panel.iter_mut().zip(rows) {
            let run = self.source.get(place(*row, start)..).and_then(|run| run.first_chunk());
            *panel = run.copied().unwrap_or([0.0; WIDTH]);
        }
    }

    fn gather(&self, rows: &[u32], columns: &[u32; WIDTH], panel: &mut [Panel]) {
        for (panel, row) in panel.iter_mut().zip(rows) {
            for (element, column) in panel.iter_mut().zip(columns) {
                *element = self.source.get(place(*row, *column)).copied().unwrap_or_default();
            }
        }
    }
}

#[inline(always)]
fn place(row: u32, column: u32) -> usize {
    row as usize + column as usize
}

/// Whether each is one more than the one before it.
fn runs(columns: &[u32; WIDTH]) -> bool {
    columns.windows(2).all(|pair| matches!(pair, [a, b] if a.checked_add(1) == Some(*b)))
}
