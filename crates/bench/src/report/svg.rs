//! Plots as inline SVG, in the colours of the page around them.

use std::fmt::Write;

use super::number;
use crate::record::Series;

/// Units of the view box; the page scales it to its own width.
const WIDTH: f64 = 420.0;
const BAR: f64 = 26.0;
const LABELS: f64 = 130.0;
/// What is left for a figure right of the longest bar.
const FIGURES: f64 = 70.0;

/// A bar: its label, its length, whether it is ours.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) figure: f64,
    pub(super) ours: bool,
}

/// Horizontal bars with a line at the target. Infinite figures fill the width.
pub(super) fn bars(title: &str, bars: &[Bar], target: Option<f64>) -> String {
    let finite = bars
        .iter()
        .map(|bar| bar.figure)
        .filter(|figure| figure.is_finite());
    let most = finite.chain(target).fold(f64::MIN_POSITIVE, f64::max);
    let place = |figure: f64| LABELS + (WIDTH - LABELS - FIGURES) * (figure / most).clamp(0.0, 1.0);
    let height = BAR * bars.len() as f64;
    let mut svg = open(title, height);
    for (n, bar) in bars.iter().enumerate() {
        let (top, width) = (BAR * n as f64 + 4.0, (place(bar.figure) - LABELS).max(1.0));
        let (class, high) = (if bar.ours { "ours" } else { "theirs" }, BAR - 8.0);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{LABELS}\" y=\"{top}\" width=\"{width:.1}\" height=\"{high}\"/>"
        );
    }
    if let Some(target) = target {
        let x = place(target);
        let _ = write!(
            svg,
            "<line class=\"target\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{height}\"/>"
        );
    }
    for (n, bar) in bars.iter().enumerate() {
        let (base, left, right) = (BAR * n as f64 + 18.0, LABELS - 8.0, place(bar.figure) + 6.0);
        let _ = write!(
            svg,
            "<text x=\"{left}\" y=\"{base}\" text-anchor=\"end\">{}</text><text x=\"{right:.1}\" y=\"{base}\">{}</text>",
            bar.label,
            number(bar.figure),
        );
    }
    svg + "</svg>"
}

const HEIGHT: f64 = 180.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 24.0;

/// A line over time, from zero.
pub(super) fn lines(series: &Series) -> String {
    let points: Vec<_> = series.points.iter().filter(|(_, y)| y.is_finite()).collect();
    let last = points.iter().map(|(x, _)| *x).fold(f64::MIN_POSITIVE, f64::max);
    let most = points.iter().map(|(_, y)| *y).fold(f64::MIN_POSITIVE, f64::max);
    let x = |at: f64| LEFT + (WIDTH - LEFT - 8.0) * at / last;
    let y = |figure: f64| 8.0 + (HEIGHT - BOTTOM - 8.0) * (1.0 - figure / most);
    let mut svg = open(series.name, HEIGHT);
    for figure in [0.0, most / 2.0, most] {
        let at = y(figure);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            at + 5.0,
            number(figure),
        );
    }
    for (at, anchor) in [(0.0, "start"), (last, "end")] {
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{at:.0} s</text>",
            x(at),
            HEIGHT - 4.0,
        );
    }
    let path: Vec<String> = points
        .iter()
        .map(|(at, figure)| format!("{:.1},{:.1}", x(*at), y(*figure)))
        .collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", path.join(" "));
    svg + "</svg>"
}

fn open(title: &str, height: f64) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_or_the_target_sets_the_scale() {
        let bar = |figure| Bar {
            label: "levqor".to_owned(),
            figure,
            ours: true,
        };
        let svg = bars("rates", &[bar(50.0), bar(f64::INFINITY)], Some(100.0));
        let full = WIDTH - LABELS - FIGURES;
        assert!(svg.contains(&format!("width=\"{:.1}\"", full / 2.0)), "{svg}");
        assert!(svg.contains(&format!("width=\"{full:.1}\"")), "{svg}");
        assert!(svg.contains(&format!("x1=\"{:.1}\"", LABELS + full)), "{svg}");
    }

    #[test]
    fn a_line_goes_through_its_points_and_leaves_infinite_ones_out() {
        let series = Series {
            name: "steady",
            unit: "/s",
            points: vec![(0.0, 10.0), (5.0, f64::INFINITY), (10.0, 5.0)],
        };
        let svg = lines(&series);
        assert!(
            svg.contains(&format!("points=\"{LEFT:.1},8.0 {:.1},82.0\"", WIDTH - 8.0)),
            "{svg}"
        );
    }
}
