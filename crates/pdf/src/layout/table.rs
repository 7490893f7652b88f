//! Tables: rows as high as their highest cell, a head that is repeated on each page.

use std::sync::Arc;

use super::{BODY, BOTTOM, Flow, Item, MARGIN, MEASURE, RULE, Role, STRONG, TINT};
use crate::{
    Align, Column, Table,
    typeset::{Paragraph, Style, Typesetter},
};

/// Space between a cell's edge and its text.
const PADDING: f32 = 5.0;

/// Most lines of a cell; the rest is left out behind an ellipsis, so that a row always fits on a page.
const CELL_LINES: usize = 30;

/// Which row is placed.
#[derive(Clone, Copy)]
enum Row {
    /// The head of this table.
    Head(usize),
    /// The head once more, on a further page.
    Again,
    /// This row of this table, from 1.
    Body(usize, usize),
}

impl Row {
    fn head(self) -> bool {
        !matches!(self, Self::Body(..))
    }

    fn role(self, column: usize) -> Role {
        match self {
            Self::Head(table) => Role::Cell {
                table,
                row: 0,
                column,
            },
            Self::Again => Role::Repeated,
            Self::Body(table, row) => Role::Cell { table, row, column },
        }
    }
}

/// Names and values: a table whose first column is strong.
pub(super) fn facts(
    facts: &[(String, String)],
    flow: &mut Flow,
    typesetter: &mut Typesetter,
    number: &mut usize,
) {
    let column = |name: &str, weight| Column {
        name: name.to_owned(),
        weight,
        align: Align::Left,
    };
    let table = Table {
        summary: "Names and values".to_owned(),
        columns: vec![column("", 1.0), column("", 2.0)],
        rows: facts
            .iter()
            .map(|(name, value)| vec![name.clone(), value.clone()])
            .collect(),
    };
    let widths = widths(&table.columns);
    for (index, row) in table.rows.iter().enumerate() {
        let cells = set(row, &table.columns, &widths, true, typesetter);
        flow.reserve(height(&cells));
        place_row(cells, &widths, flow, Row::Body(*number, index + 1));
    }
    *number += 1;
}

/// Any table.
pub(super) fn place(table: &Table, flow: &mut Flow, typesetter: &mut Typesetter, number: &mut usize) {
    let widths = widths(&table.columns);
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let head = set_head(&names, &table.columns, &widths, typesetter);
    // A head alone at the foot of a page heads nothing.
    flow.reserve(height(&head) + 40.0);
    place_row(head.clone(), &widths, flow, Row::Head(*number));
    for (index, row) in table.rows.iter().enumerate() {
        let cells = set(row, &table.columns, &widths, false, typesetter);
        if !flow.fits(height(&cells)) {
            flow.turn();
            place_row(head.clone(), &widths, flow, Row::Again);
        }
        place_row(cells, &widths, flow, Row::Body(*number, index + 1));
    }
    *number += 1;
}

fn widths(columns: &[Column]) -> Vec<f32> {
    let sum: f32 = columns.iter().map(|column| column.weight.max(0.1)).sum();
    columns
        .iter()
        .map(|column| MEASURE * column.weight.max(0.1) / sum)
        .collect()
}

fn set_head(
    names: &[String],
    columns: &[Column],
    widths: &[f32],
    typesetter: &mut Typesetter,
) -> Vec<Paragraph> {
    names
        .iter()
        .zip(columns)
        .zip(widths)
        .map(|((name, column), width)| {
            let style = Style {
                align: column.align,
                ..STRONG
            };
            typesetter.set(name, style, width - 2.0 * PADDING)
        })
        .collect()
}

fn set(
    row: &[String],
    columns: &[Column],
    widths: &[f32],
    strong_first: bool,
    typesetter: &mut Typesetter,
) -> Vec<Paragraph> {
    let texts = row.iter().map(String::as_str).chain(std::iter::repeat(""));
    let cells = columns.iter().zip(widths).zip(texts).enumerate();
    cells
        .map(|(number, ((column, width), text))| {
            let base = if strong_first && number == 0 { STRONG } else { BODY };
            let style = Style {
                align: column.align,
                ..base
            };
            cell(text, style, width - 2.0 * PADDING, typesetter)
        })
        .collect()
}

fn cell(text: &str, style: Style, width: f32, typesetter: &mut Typesetter) -> Paragraph {
    let whole = typesetter.set(text, style, width);
    let Some(last) = whole.lines.get(CELL_LINES) else {
        return whole;
    };
    let end = last.glyphs.first().map_or(0, |glyph| glyph.text_range.start);
    let kept: String = whole.text.get(..end).unwrap_or_default().chars().collect();
    let kept = kept.trim_end().trim_end_matches(|c: char| !c.is_whitespace());
    typesetter.set(&format!("{kept}…"), style, width)
}

fn height(cells: &[Paragraph]) -> f32 {
    let text = cells.iter().map(Paragraph::full_height).fold(0.0, f32::max);
    (text + 2.0 * PADDING).min(BOTTOM - MARGIN)
}

fn place_row(cells: Vec<Paragraph>, widths: &[f32], flow: &mut Flow, row: Row) {
    let height = height(&cells);
    let y = flow.y();
    if row.head() {
        flow.push(area(y, height, TINT));
    }
    flow.push(area(y + height - 0.5, 0.5, RULE));
    let mut x = MARGIN;
    for (column, (paragraph, width)) in cells.into_iter().zip(widths).enumerate() {
        flow.push(Item::Text {
            lines: 0..paragraph.lines.len(),
            paragraph: Arc::new(paragraph),
            x: x + PADDING,
            y: y + PADDING,
            role: row.role(column),
        });
        x += width;
    }
    flow.advance(height);
}

fn area(y: f32, height: f32, color: super::Rgb) -> Item {
    Item::Box {
        x: MARGIN,
        y,
        width: MEASURE,
        height,
        color,
        figure: None,
    }
}
