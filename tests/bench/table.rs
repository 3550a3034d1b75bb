//! Figures beside their baselines.

/// The heading.
pub(crate) fn heading() {
    println!("{:<46} {:>12} {:>12} {:>8}   goal", "figure", "measured", "baseline", "ratio");
}

/// A figure.
pub(crate) fn row(figure: &str, measured: f64, baseline: f64, unit: &str, goal: &str) {
    let ratio = measured / baseline;
    println!(
        "{figure:<46} {measured:>9.2} {unit:<2} {baseline:>9.2} {unit:<2} {ratio:>8.2}   {goal}"
    );
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
