//! Prepared statements: a client's name stands for a text, a text for one name on every server session.

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::Mutex;

use super::line::Message;

/// All texts that clients have prepared, numbered. Clients that prepare the same text share it.
#[derive(Debug, Default)]
pub(super) struct Statements(Mutex<HashMap<Bytes, u64>>);

impl Statements {
    /// `text` is what follows the name in a Parse message: the SQL and the parameters' types.
    pub(super) fn of(&self, text: Bytes) -> Statement {
        let mut known = self.0.lock();
        let next = known.len() as u64;
        let number = *known.entry(text.clone()).or_insert(next);
        Statement { number, text }
    }
}

/// A statement, by whatever name clients call it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) number: u64,
    text: Bytes,
}

impl Statement {
    /// Its name on server sessions, with the NUL that ends it.
    pub(super) fn name(&self) -> Vec<u8> {
        format!("pooled_{}\0", self.number).into_bytes()
    }

    pub(super) fn parse(&self) -> Message {
        Message::new(b'P', &[&self.name(), &self.text])
    }
}
