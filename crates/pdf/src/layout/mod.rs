//! From blocks to pages. Lengths are points (1/72 inch) from the upper left corner.

mod chart;
mod flow;
mod table;

use std::{ops::Range, sync::Arc};

pub(crate) use flow::Flow;

use crate::{
    Align, Block, Report,
    typeset::{Paragraph, Style, Typesetter},
};

/// A4 (ISO 216) and its margins.
pub(crate) const WIDTH: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
pub(crate) const MARGIN: f32 = 56.0;
/// Width between the margins.
pub(crate) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// Where content ends; below it stands the footer.
pub(crate) const BOTTOM: f32 = HEIGHT - 72.0;

pub(crate) const TITLE: Style = style(22.0, true);
pub(crate) const HEADING: Style = style(13.0, true);
pub(crate) const BODY: Style = style(10.0, false);
pub(crate) const STRONG: Style = style(10.0, true);
pub(crate) const SMALL: Style = style(8.0, false);
/// Space between blocks.
const GAP: f32 = 12.0;

const fn style(size: f32, bold: bool) -> Style {
    Style {
        size,
        bold,
        align: Align::Left,
    }
}

/// A colour: red, green, blue.
pub(crate) type Rgb = (u8, u8, u8);
/// Text: 16:1 on white.
pub(crate) const INK: Rgb = (0x1b, 0x22, 0x2c);
/// Bars and the rule below the title: 7:1 on white.
pub(crate) const ACCENT: Rgb = (0x1f, 0x4e, 0x8c);
/// Ground of a table's head.
pub(crate) const TINT: Rgb = (0xe8, 0xee, 0xf6);
/// Lines between rows.
pub(crate) const RULE: Rgb = (0xc4, 0xcc, 0xd6);

/// What a piece of text is to a reader who hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Title,
    Heading,
    Text,
    /// A cell of table number `table` (from 0), row (0 is the head) and column.
    Cell {
        table: usize,
        row: usize,
        column: usize,
    },
    /// Part of figure number `.0`, which its alternative text describes.
    Figure(usize),
    /// Repeated on each page; not read out.
    Repeated,
}

/// Something at its place on a page.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Text {
        paragraph: Arc<Paragraph>,
        lines: Range<usize>,
        x: f32,
        y: f32,
        role: Role,
    },
    Box {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        color: Rgb,
        /// The figure it is part of; decoration when None.
        figure: Option<usize>,
    },
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
}

/// Lays a report out.
pub(crate) fn pages(report: &Report, typesetter: &mut Typesetter) -> Vec<Page> {
    let mut flow = Flow::default();
    flow.text(typesetter.set(&report.title, TITLE, MEASURE), Role::Title);
    flow.text(typesetter.set(&report.subtitle, BODY, MEASURE), Role::Text);
    flow.rule(ACCENT, 1.5);
    let mut numbers = Numbers::default();
    for block in &report.blocks {
        flow.space(GAP);
        place(block, &mut flow, typesetter, &mut numbers);
    }
    let mut pages = flow.into_pages();
    footers(report, typesetter, &mut pages);
    pages
}

/// How many tables and figures there are so far.
#[derive(Default)]
struct Numbers {
    tables: usize,
    figures: usize,
}

fn place(block: &Block, flow: &mut Flow, typesetter: &mut Typesetter, numbers: &mut Numbers) {
    match block {
        Block::Heading(text) => {
            let heading = typesetter.set(text, HEADING, MEASURE);
            // Room for the heading and what it heads.
            flow.reserve(heading.full_height() + 60.0);
            flow.text(heading, Role::Heading);
        }
        Block::Text(text) => flow.text(typesetter.set(text, BODY, MEASURE), Role::Text),
        Block::Facts(facts) => table::facts(facts, flow, typesetter, &mut numbers.tables),
        Block::Table(table) => table::place(table, flow, typesetter, &mut numbers.tables),
        Block::Chart(chart) => {
            chart::place(chart, flow, typesetter, numbers.figures);
            numbers.figures += 1;
        }
    }
}

/// Title, footer and page number below the content of each page.
fn footers(report: &Report, typesetter: &mut Typesetter, pages: &mut [Page]) {
    let count = pages.len();
    let right = Style {
        align: Align::Right,
        ..SMALL
    };
    for (index, page) in pages.iter_mut().enumerate() {
        let left = format!("{} · {}", report.title, report.footer);
        let number = format!("{} / {count}", index + 1);
        for (text, style, x, width) in [
            (left.as_str(), SMALL, MARGIN, MEASURE - 60.0),
            (number.as_str(), right, WIDTH - MARGIN - 60.0, 60.0),
        ] {
            let paragraph = typesetter.set(text, style, width);
            page.items.push(Item::Text {
                // A long title does not push the footer off the page.
                lines: 0..1,
                paragraph: Arc::new(paragraph),
                x,
                y: HEIGHT - 48.0,
                role: Role::Repeated,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chart, Column, Date, Point, Table};

    fn report() -> Report {
        let long = "Rechtsschutzversicherungsgesellschaften ".repeat(30);
        let column = |align| Column {
            name: "A heading that is longer than its column".into(),
            weight: 1.0,
            align,
        };
        Report {
            title: "A title that does not fit on one line of the first page of this report".into(),
            subtitle: "sub".into(),
            language: "en".into(),
            created: Date {
                year: 2026,
                month: 1,
                day: 1,
                hour: 0,
                minute: 0,
                second: 0,
            },
            footer: long.clone(),
            blocks: (0..6)
                .flat_map(|_| {
                    [
                        Block::Heading("Section".into()),
                        Block::Text(long.repeat(3)),
                        Block::Table(Table {
                            summary: String::new(),
                            columns: vec![column(Align::Left), column(Align::Right), column(Align::Left)],
                            rows: vec![vec![long.clone(), "1".into(), "W".repeat(90)]; 9],
                        }),
                        Block::Chart(Chart {
                            title: "Bars".into(),
                            points: (0..9)
                                .map(|n| Point {
                                    name: "n".into(),
                                    value: f64::from(n),
                                    shown: "1".into(),
                                })
                                .collect(),
                        }),
                    ]
                })
                .collect(),
        }
    }

    #[test]
    fn nothing_leaves_the_page_or_runs_into_the_footer() {
        let pages = pages(&report(), &mut Typesetter::new().unwrap());
        assert!(pages.len() > 5);
        for item in pages.iter().flat_map(|page| &page.items) {
            match item {
                Item::Text {
                    paragraph,
                    lines,
                    x,
                    y,
                    role,
                } => {
                    let bottom = y + paragraph.height(lines.clone());
                    let limit = if *role == Role::Repeated {
                        HEIGHT - 20.0
                    } else {
                        BOTTOM + 1.0
                    };
                    assert!(*y >= MARGIN && bottom <= limit, "{role:?} {y} {bottom}");
                    for line in &paragraph.lines[lines.clone()] {
                        let advance: f32 = line.glyphs.iter().map(|glyph| glyph.x_advance).sum();
                        // Trailing spaces may hang over.
                        let right = x + line.x + advance * paragraph.style.size;
                        assert!(right <= WIDTH - MARGIN + 4.0, "{role:?} {right}");
                    }
                }
                Item::Box {
                    x, y, width, height, ..
                } => {
                    assert!(x + width <= WIDTH - MARGIN + 0.1 && y + height <= BOTTOM + 1.0);
                }
            }
        }
    }

    #[test]
    fn a_heading_is_followed_by_what_it_heads_on_the_same_page() {
        for page in pages(&report(), &mut Typesetter::new().unwrap()) {
            let content: Vec<Role> = page
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Text { role, .. } if *role != Role::Repeated => Some(*role),
                    _ => None,
                })
                .collect();
            assert_ne!(content.last(), Some(&Role::Heading));
        }
    }
}
