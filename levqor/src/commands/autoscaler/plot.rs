//! Lines of blocks over time.

use levqor_autoscaler::sim::{Contender, Sample};

/// Columns of a plot.
const COLUMNS: usize = 84;
/// Eighths of a block.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One line for what arrived and one for the workers under each rule, on one scale.
pub(super) fn print(rows: &[(&str, &Contender)]) {
    let workers = |sample: &Sample| sample.workers;
    let samples = |row: &(&str, &Contender)| row.1.outcome.samples.clone();
    let ticks = rows
        .iter()
        .map(|row| row.1.outcome.samples.len())
        .max()
        .unwrap_or(0);
    // Rules that overshoot would flatten the others: the scale is that of the first and the last, the best two.
    let most = [rows.first(), rows.last()]
        .into_iter()
        .flatten()
        .flat_map(samples)
        .map(|sample| sample.workers)
        .max()
        .unwrap_or(0);
    if let Some((_, first)) = rows.first() {
        let arrived = |sample: &Sample| sample.arrived;
        // An import would make everything else invisible: the scale ends where all but one in a hundred ticks are.
        let mut counts: Vec<u32> = first.outcome.samples.iter().map(arrived).collect();
        counts.sort_unstable();
        let top = counts.get(counts.len() * 99 / 100).copied().unwrap_or(0);
        println!(
            "  {:<18}{}",
            "arrivals",
            line(&first.outcome.samples, arrived, ticks, top)
        );
    }
    for (name, contender) in rows {
        println!(
            "  {name:<18}{}",
            line(&contender.outcome.samples, workers, ticks, most)
        );
    }
    println!(
        "  {:<18}a full block is {most} workers or more, a column {:.1} minutes",
        "",
        minutes(ticks)
    );
}

/// Means of columns as blocks of a scale up to `top`.
fn line(samples: &[Sample], of: fn(&Sample) -> u32, ticks: usize, top: u32) -> String {
    let width = ticks.div_ceil(COLUMNS).max(1);
    samples
        .chunks(width)
        .map(|column| {
            let sum: u64 = column.iter().map(|sample| u64::from(of(sample))).sum();
            let full = u64::from(top.max(1)) * u64::try_from(column.len()).unwrap_or(1);
            // Rounded up, so that little is not nothing.
            let eighths = usize::try_from((8 * sum).div_ceil(full)).unwrap_or(8);
            BLOCKS[eighths.min(8)]
        })
        .collect()
}

/// Minutes of a column: four ticks are one.
fn minutes(ticks: usize) -> f64 {
    f64::from(u32::try_from(ticks.div_ceil(COLUMNS).max(1)).unwrap_or(u32::MAX)) / 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_the_mean_of_its_ticks_against_the_scale() {
        let sample = |workers| Sample {
            arrived: 0,
            waiting: 0,
            workers,
        };
        let samples: Vec<Sample> = [0, 0, 8, 8, 4, 4, 1, 0].map(sample).to_vec();
        assert_eq!(line(&samples, |sample| sample.workers, 2 * COLUMNS, 8), " █▄▁");
    }
}
