//! What a report is made of. All text is plain; numbers come already written as people read them.

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// On the first page, in the file's properties and at the foot of each page.
    pub title: String,
    /// Below the title: period, installation, verdict.
    pub subtitle: String,
    /// Language tag (BCP 47), such as `en`.
    pub language: String,
    /// When it was made, UTC: part of the file, so the same report has the same date.
    pub created: Date,
    /// At the foot of each page, such as `Confidential`.
    pub footer: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// A time, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
    /// 0..=23.
    pub hour: u8,
    /// 0..=59.
    pub minute: u8,
    /// 0..=59.
    pub second: u8,
}

/// A part of a report.
#[derive(Clone, Debug)]
pub enum Block {
    /// Begins a section; never the last thing on a page.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Names and values, one below the other.
    Facts(Vec<(String, String)>),
    /// Rows under a heading that is repeated on each page.
    Table(Table),
    /// A picture of numbers, with the numbers beside it.
    Chart(Chart),
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What is in it, for who cannot see it.
    pub summary: String,
    /// From left to right.
    pub columns: Vec<Column>,
    /// Cells in the order of the columns; missing ones are empty, surplus ones left out.
    pub rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Share of the width, in relation to the others.
    pub weight: f32,
    /// Where its cells stand.
    pub align: Align,
}

/// Where text stands in its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Horizontal bars, one a point, each with its name and value.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Above it.
    pub title: String,
    /// From top to bottom.
    pub points: Vec<Point>,
}

/// A value of a chart.
#[derive(Clone, Debug)]
pub struct Point {
    /// What it is of.
    pub name: String,
    /// Its size; below zero and what is no number counts as zero.
    pub value: f64,
    /// As people read it, with its unit.
    pub shown: String,
}
