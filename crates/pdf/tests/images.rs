//! The pages as pictures, drawn by poppler's `pdftoppm`: ink where it belongs, and none where it does not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use levqor_pdf::{Align, Block, Chart, Column, Date, Point, Report, Table, render};

/// A grey picture, a byte a pixel.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads a binary PGM of 8 bits (netpbm, `man 5 pgm`).
    fn read(file: &[u8]) -> Self {
        let mut numbers = Vec::new();
        let mut at = 3;
        assert_eq!(&file[..3], b"P5\n");
        while numbers.len() < 3 {
            let end = at + file[at..].iter().position(u8::is_ascii_whitespace).unwrap();
            numbers.push(
                std::str::from_utf8(&file[at..end])
                    .unwrap()
                    .parse::<usize>()
                    .unwrap(),
            );
            at = end + 1;
        }
        Self {
            width: numbers[0],
            height: numbers[1],
            pixels: file[at..].to_vec(),
        }
    }

    /// Share of pixels that are not white in a part of the page, in thousandths of its sides.
    fn ink(&self, left: usize, top: usize, right: usize, bottom: usize) -> f64 {
        let (columns, rows) = (
            self.width * left / 1_000..self.width * right / 1_000,
            self.height * top / 1_000..self.height * bottom / 1_000,
        );
        let (mut dark, mut all) = (0.0, 0.0);
        for row in rows {
            for column in columns.clone() {
                all += 1.0;
                dark += f64::from(u8::from(self.pixels[row * self.width + column] < 0xf8));
            }
        }
        dark / all
    }
}

/// Pictures of all pages, at 72 dots an inch: a dot is a point.
fn pictures(report: &Report) -> Vec<Picture> {
    let folder = tempfile::tempdir().unwrap();
    let rendered = render(report).unwrap();
    std::fs::write(folder.path().join("report.pdf"), &rendered.bytes).unwrap();
    let drawn = Command::new("pdftoppm")
        .args(["-gray", "-r", "72", "report.pdf", "page"])
        .current_dir(folder.path())
        .output()
        .expect("pdftoppm of poppler-utils; scripts/install-test-requirements installs it");
    assert!(drawn.status.success() && drawn.stderr.is_empty(), "{drawn:?}");
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pgm"))
        .collect();
    files.sort();
    assert_eq!(files.len(), rendered.pages, "as many pictures as pages");
    files
        .iter()
        .map(|file| Picture::read(&std::fs::read(file).unwrap()))
        .collect()
}

fn report() -> Report {
    let column = |name: &str, align| Column {
        name: name.into(),
        weight: 1.0,
        align,
    };
    let long = "A cell whose text is longer than its column, with aVeryLongWordThatHasToBeBrokenSomewhereOrItWouldLeave";
    Report {
        title: "Operations report of an installation with a name that does not fit on one line".into(),
        subtitle: "16 Nov 2026 to 22 Nov 2026, UTC".into(),
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
        blocks: vec![
            Block::Heading("Runs by day".into()),
            Block::Chart(Chart {
                title: "Runs accepted".into(),
                points: (1..=7)
                    .map(|n| Point {
                        name: format!("Day {n}"),
                        value: f64::from(n),
                        shown: format!("{n},000"),
                    })
                    .collect(),
            }),
            Block::Heading("Runs by workflow".into()),
            Block::Table(Table {
                summary: "Runs by workflow".into(),
                columns: vec![
                    column("Workflow", Align::Left),
                    column("Runs", Align::Right),
                    column("Note", Align::Left),
                ],
                rows: (0..60)
                    .map(|n| vec![format!("shop/order-{n}"), n.to_string(), long.into()])
                    .collect(),
            }),
        ],
    }
}

#[test]
fn pages_have_white_margins_and_ink_between_them() {
    let pages = pictures(&report());
    assert!(pages.len() >= 5, "{}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert_eq!((page.width, page.height), (595, 842), "A4");
        // 56 of 595 points are 94 thousandths; 56 of 842 are 66.
        for (edge, ink) in [
            ("left", page.ink(0, 0, 92, 1_000)),
            ("right", page.ink(910, 0, 1_000, 1_000)),
            ("top", page.ink(0, 0, 1_000, 64)),
            ("bottom", page.ink(0, 965, 1_000, 1_000)),
            ("between content and footer", page.ink(0, 918, 1_000, 940)),
        ] {
            assert!(ink <= 0.0, "page {} has ink at the {edge}: {ink}", index + 1);
        }
        assert!(
            page.ink(94, 66, 906, 300) > 0.02,
            "page {} is empty at its top",
            index + 1
        );
        assert!(
            page.ink(94, 940, 906, 965) > 0.001,
            "page {} has no footer",
            index + 1
        );
    }
}

#[test]
fn longer_bars_have_more_ink() {
    let pages = pictures(&report());
    // Bars lie between the names and the values; the first rows of the chart are shorter than the last.
    let ink = |top, bottom| pages[0].ink(320, top, 740, bottom);
    let (short, long) = (ink(180, 235), ink(270, 325));
    assert!(long > short * 1.5, "{short} {long}");
}
