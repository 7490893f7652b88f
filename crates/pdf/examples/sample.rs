//! Writes a sample report to the file named on the command line, to look at: `cargo run --example sample -p levqor-pdf out.pdf`.

use levqor_pdf::{Align, Block, Chart, Column, Date, Point, Report, Table, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    std::fs::write(path, render(&report())?.bytes)?;
    Ok(())
}

fn report() -> Report {
    let column = |name: &str, weight, align| Column {
        name: name.to_owned(),
        weight,
        align,
    };
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    Report {
        title: "Weekly operations report".into(),
        subtitle: "16 to 22 November 2026, UTC. Overall: passed.".into(),
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
            Block::Heading("Summary".into()),
            Block::Facts(vec![
                ("Runs accepted".into(), "128,402".into()),
                ("Runs faulted".into(), "17 (0.013 %)".into()),
            ]),
            Block::Heading("Runs by day".into()),
            Block::Chart(Chart {
                title: "Runs accepted".into(),
                points: (1_u32..)
                    .zip(days)
                    .map(|(n, day)| Point {
                        name: day.into(),
                        value: f64::from(n * 3_000),
                        shown: format!("{},000", n * 3),
                    })
                    .collect(),
            }),
            Block::Heading("Runs by workflow".into()),
            Block::Table(Table {
                summary: "Runs by workflow".into(),
                columns: vec![
                    column("Workflow", 3.0, Align::Left),
                    column("Completed", 1.0, Align::Right),
                    column("Faulted", 1.0, Align::Right),
                ],
                rows: (0..40)
                    .map(|n| vec![format!("shop/order-{n}"), (n * 37).to_string(), "0".into()])
                    .collect(),
            }),
            Block::Text(
                "Faulted runs are listed in the dead letters; each can be read with its journal.".into(),
            ),
        ],
    }
}
