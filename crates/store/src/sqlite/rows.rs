//! Many rows as two parameters of one statement.
//!
//! A statement reads them `FROM jsonb_each(?1) AS r`: `r.value ->> 0` is a row's first number or text, and byte
//! strings, ids among them, are cut out of `?2` at the offsets that the row names. So payloads are neither
//! escaped nor copied twice, and the statement's text is the same for every number of rows.

use std::fmt::Write;

use uuid::Uuid;

/// One value of a row. The number of JSON elements it takes is in brackets.
pub(super) enum Cell<'a> {
    /// 16 bytes: `substr(?2, r.value ->> i, 16)` [1].
    Id(Uuid),
    /// A number [1].
    Int(i64),
    /// A number or null [1].
    MaybeInt(Option<i64>),
    /// Text or null [1].
    Text(Option<&'a str>),
    /// Bytes or null: `substr(?2, r.value ->> i, r.value ->> i + 1)` [2].
    Bytes(Option<&'a [u8]>),
}

/// The rows of a statement.
#[derive(Clone, Default)]
pub(super) struct Rows {
    json: String,
    bytes: Vec<u8>,
    count: usize,
}

impl Rows {
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        self.push_all(cells);
    }

    pub(super) fn push_all<'a>(&mut self, cells: impl IntoIterator<Item = &'a Cell<'a>>) {
        self.json.push(if self.count == 0 { '[' } else { ',' });
        self.count += 1;
        for (position, cell) in cells.into_iter().enumerate() {
            self.json.push(if position == 0 { '[' } else { ',' });
            self.cell(cell);
        }
        self.json.push(']');
    }

    fn cell(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Id(id) => {
                let offset = self.bytes(id.as_bytes());
                self.number(offset);
            }
            Cell::Int(value) | Cell::MaybeInt(Some(value)) => self.number(*value),
            Cell::Bytes(Some(bytes)) => {
                let offset = self.bytes(bytes);
                self.number(offset);
                self.json.push(',');
                self.number(bytes.len());
            }
            Cell::Text(Some(text)) => self.json.push_str(&serde_json::Value::from(*text).to_string()),
            Cell::MaybeInt(None) | Cell::Text(None) => self.json.push_str("null"),
            Cell::Bytes(None) => self.json.push_str("null,null"),
        }
    }

    /// Where in `?2` they begin, counted from 1 as SQL does.
    fn bytes(&mut self, bytes: &[u8]) -> usize {
        let offset = self.bytes.len() + 1;
        self.bytes.extend_from_slice(bytes);
        offset
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _written = write!(self.json, "{number}");
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// `?1`.
    pub(super) fn json(&self) -> String {
        if self.count == 0 {
            "[]".to_owned()
        } else {
            format!("{}]", self.json)
        }
    }

    /// `?2`.
    pub(super) fn blob(&self) -> &[u8] {
        &self.bytes
    }
}

impl FromIterator<Uuid> for Rows {
    /// Rows of one id each.
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        let mut rows = Self::default();
        for id in ids {
            rows.push(&[Cell::Id(id)]);
        }
        rows
    }
}
