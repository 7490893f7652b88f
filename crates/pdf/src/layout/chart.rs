//! Bars: a name, a bar as long as its value, the value. Nothing is told by colour alone.

use std::sync::Arc;

use super::{ACCENT, BODY, Flow, Item, MARGIN, MEASURE, Role, STRONG};
use crate::{
    Align, Chart,
    typeset::{Style, Typesetter},
};

const NAME: f32 = 130.0;
const VALUE: f32 = 90.0;
const ROW: f32 = 18.0;
const BAR: f32 = 10.0;
/// Between the title and the first bar.
const GAP: f32 = 4.0;
/// A value above zero is seen.
const LEAST: f32 = 1.0;

pub(super) fn place(chart: &Chart, flow: &mut Flow, typesetter: &mut Typesetter, figure: usize) {
    let title = typesetter.set(&chart.title, STRONG, MEASURE);
    flow.reserve(title.full_height() + ROW * 3.0);
    flow.text(title, Role::Text);
    flow.space(GAP);
    let longest = chart.points.iter().map(|p| size(p.value)).fold(0.0, f64::max);
    for point in &chart.points {
        flow.reserve(ROW);
        let share = if longest > 0.0 {
            size(point.value) / longest
        } else {
            0.0
        };
        row(&point.name, &point.shown, share, flow, typesetter, figure);
    }
}

fn size(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

fn row(name: &str, shown: &str, share: f64, flow: &mut Flow, typesetter: &mut Typesetter, figure: usize) {
    let y = flow.y();
    let right = Style {
        align: Align::Right,
        ..BODY
    };
    for (text, style, x, width) in [
        (name, BODY, MARGIN, NAME - 8.0),
        (shown, right, MARGIN + MEASURE - VALUE, VALUE),
    ] {
        flow.push(Item::Text {
            lines: 0..1,
            paragraph: Arc::new(typesetter.set(text, style, width)),
            x,
            y,
            role: Role::Figure(figure),
        });
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share of 0..=1")]
    let width = (MEASURE - NAME - VALUE - 8.0) * share as f32;
    if share > 0.0 {
        flow.push(Item::Box {
            x: MARGIN + NAME,
            y: y + 2.0,
            width: width.max(LEAST),
            height: BAR,
            color: ACCENT,
            figure: Some(figure),
        });
    }
    flow.advance(ROW);
}
