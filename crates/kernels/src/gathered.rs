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

/// The most runs that a panel's columns are taken as.
const RUNS: usize = 3;

impl Gathered<'_> {
    /// As [`Columns::fill`](super::Columns::fill).
    pub fn fill(&self, row: usize, column: usize, panel: &mut [Panel]) {
        let rows = self.rows.get(row..).unwrap_or_default();
        let columns = whole(self.columns.get(column..).unwrap_or_default());
        let [first, second, ..] = columns;
        match (second.wrapping_sub(first), Runs::of(&columns)) {
            (1, Some(runs)) => self.copy::<WIDTH>(rows, &columns, runs, panel),
            (2, Some(runs)) => self.copy::<{ 2 * WIDTH - 1 }>(rows, &columns, runs, panel),
            _ => panel.iter_mut().zip(rows).for_each(|(panel, row)| *panel = self.gathered(*row, &columns)),
        }
    }

    /// `SPAN` numbers are those from the first to the last of a run.
    fn copy<const SPAN: usize>(&self, rows: &[u32], columns: &Panel32, runs: Runs, panel: &mut [Panel]) {
        match runs.ends {
            [WIDTH, _] => self.copy_runs::<SPAN, 1>(rows, columns, runs, panel),
            [_, WIDTH] => self.copy_runs::<SPAN, 2>(rows, columns, runs, panel),
            _ => self.copy_runs::<SPAN, RUNS>(rows, columns, runs, panel),
        }
    }

    fn copy_runs<const SPAN: usize, const COUNT: usize>(
        &self,
        rows: &[u32],
        columns: &Panel32,
        runs: Runs,
        panel: &mut [Panel],
    ) {
        for (panel, row) in panel.iter_mut().zip(rows) {
            *panel = match self.runs::<SPAN, COUNT>(*row, &runs) {
                Some([first, second, third]) => {
                    let mut elements = first;
                    let others = second.into_iter().zip(third).enumerate();
                    for (element, (i, (second, third))) in elements.iter_mut().zip(others) {
                        *element = match COUNT {
                            1 => *element,
                            2 => {
                                if i < runs.ends[0] {
                                    *element
                                } else {
                                    second
                                }
                            }
                            _ if i < runs.ends[0] => *element,
                            _ => {
                                if i < runs.ends[1] {
                                    second
                                } else {
                                    third
                                }
                            }
                        };
                    }
                    elements
                }
                None => self.gathered(*row, columns),
            };
        }
    }

    /// The numbers of each run, as if it began at the first column and ended at
    /// the last.
    #[inline(always)]
    fn runs<const SPAN: usize, const COUNT: usize>(&self, row: u32, runs: &Runs) -> Option<[Panel; RUNS]> {
        let mut found = [[0.0; WIDTH]; RUNS];
        for (found, start) in found.iter_mut().zip(runs.starts).take(COUNT) {
            let span = self.source.get(place(row, start)..)?.first_chunk::<SPAN>()?;
            let step = if SPAN > WIDTH { 2 } else { 1 };
            found.iter_mut().zip(span.iter().step_by(step)).for_each(|(found, number)| *found = *number);
        }
        Some(found)
    }

    fn gathered(&self, row: u32, columns: &Panel32) -> Panel {
        columns.map(|column| self.source.get(place(row, column)).copied().unwrap_or_default())
    }
}

type Panel32 = [u32; WIDTH];

/// The columns of a panel as runs with the same distance from one to the next.
#[derive(Clone, Copy)]
struct Runs {
    /// Where each would have begun at the first column.
    starts: [u32; RUNS],
    /// Where the first ones end.
    ends: [usize; RUNS - 1],
}

impl Runs {
    /// `None` where there are more, or one would have begun before 0.
    fn of(columns: &Panel32) -> Option<Self> {
        let [first, second, ..] = *columns;
        let step = second.checked_sub(first)?;
        let (mut runs, mut count) = (Self { starts: [first; RUNS], ends: [WIDTH; RUNS - 1] }, 0);
        for (i, column) in columns.iter().enumerate() {
            let start = column.checked_sub(step.checked_mul(i as u32)?)?;
            if start != *runs.starts.get(count)? {
                *runs.ends.get_mut(count)? = i;
                count += 1;
                *runs.starts.get_mut(count)? = start;
            }
        }
        Some(runs)
    }
}

/// The first columns, and, where there are fewer, some more in the same steps.
fn whole(columns: &[u32]) -> Panel32 {
    if let Some(columns) = columns.first_chunk() {
        return *columns;
    }
    let step = if let [first, second, ..] = columns { second.wrapping_sub(*first) } else { 1 };
    let (mut whole, mut next, mut given) = ([0; WIDTH], 0, columns.iter());
    for column in &mut whole {
        *column = given.next().copied().unwrap_or(next);
        next = column.saturating_add(step);
    }
    whole
}

#[inline(always)]
fn place(row: u32, column: u32) -> usize {
    (row as usize).saturating_add(column as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_each_element(
            gaps in prop::collection::vec((1..20usize, 0..30u32), 1..8),
            (step, length, first) in (1..4u32, 0..300usize, 0..4usize),
        ) {
            let mut columns = Vec::new();
            let mut next = 0;
            for (count, gap) in gaps {
                columns.extend((0..count as u32).map(|i| next + i * step));
                next += count as u32 * step + gap;
            }
            let source: Vec<f32> = (0..length).map(|i| i as f32 + 1.0).collect();
            let rows = [0, 7, 31, 50, 290];
            let gathered = Gathered { source: &source, rows: &rows, columns: &columns };
            let mut panel = [[f32::NAN; WIDTH]; 5];
            gathered.fill(first, first * WIDTH, &mut panel);
            for (panel, row) in panel.iter().zip(&rows[first..]) {
                for (element, column) in panel.iter().zip(columns.iter().skip(first * WIDTH)) {
                    let expected = source.get((row + column) as usize).copied().unwrap_or_default();
                    prop_assert_eq!(*element, expected);
                }
            }
        }
    }

    #[test]
    fn places_that_cannot_be_do_no_harm() {
        let gathered = Gathered { source: &[1.0; 30], rows: &[0, u32::MAX], columns: &[u32::MAX, 5, 6] };
        let mut panel = [[f32::NAN; WIDTH]; 3];
        (0..5).for_each(|column| gathered.fill(0, column, &mut panel));
    }
}
