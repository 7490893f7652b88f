//! What a reader of the pages would see.

use levqor_pdf::{Align, Block, Chart, Column, Date, Point, Report, Table, render};

fn report(blocks: Vec<Block>) -> Report {
    Report {
        title: "Weekly operations".into(),
        subtitle: "16 to 22 November 2026".into(),
        language: "en".into(),
        created: Date {
            year: 2026,
            month: 11,
            day: 23,
            hour: 9,
            minute: 0,
            second: 0,
        },
        footer: "Confidential".into(),
        blocks,
    }
}

fn table(rows: usize) -> Block {
    let column = |name: &str, align| Column {
        name: name.into(),
        weight: 1.0,
        align,
    };
    Block::Table(Table {
        summary: "Runs by workflow".into(),
        columns: vec![column("Workflow", Align::Left), column("Runs", Align::Right)],
        rows: (0..rows)
            .map(|row| vec![format!("shop/order-{row}"), row.to_string()])
            .collect(),
    })
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let blocks = vec![
        Block::Heading("Runs".into()),
        table(5),
        Block::Text("All well.".into()),
    ];
    let one = render(&report(blocks.clone())).unwrap();
    let two = render(&report(blocks)).unwrap();
    assert_eq!(one.bytes, two.bytes);
    assert!(one.bytes.starts_with(b"%PDF-1.7"));
}

#[test]
fn a_long_table_goes_on_over_pages() {
    assert_eq!(render(&report(vec![table(10)])).unwrap().pages, 1);
    let rendered = render(&report(vec![table(200)])).unwrap();
    assert!((6..=8).contains(&rendered.pages), "{}", rendered.pages);
}

#[test]
fn text_that_no_report_should_have_is_laid_out_all_the_same() {
    let long = "Donaudampfschifffahrtsgesellschaft".repeat(40);
    let strange = "\u{0}\u{7}tab\there\r\nعربى 漢字 🦀 e\u{301}".to_owned();
    let point = |value| Point {
        name: long.clone(),
        value,
        shown: strange.clone(),
    };
    let blocks = vec![
        Block::Heading(long.clone()),
        Block::Text(long.repeat(20)),
        Block::Facts(vec![
            (long.clone(), strange.clone()),
            (String::new(), String::new()),
        ]),
        Block::Table(Table {
            summary: String::new(),
            columns: vec![Column {
                name: strange.clone(),
                weight: f32::MIN_POSITIVE,
                align: Align::Right,
            }],
            rows: vec![vec![long.repeat(30), strange.clone()], vec![]],
        }),
        Block::Chart(Chart {
            title: strange.clone(),
            points: vec![point(f64::NAN), point(-1.0), point(f64::INFINITY), point(3.0)],
        }),
    ];
    assert!(render(&report(blocks)).unwrap().pages >= 3);
}

#[test]
fn an_empty_report_has_one_page() {
    assert_eq!(render(&report(Vec::new())).unwrap().pages, 1);
}
