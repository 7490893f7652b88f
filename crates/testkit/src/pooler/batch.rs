//! What a client sends up to its next Sync or Query, as a server session is to see it.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, bail};
use bytes::Bytes;

use super::{
    line::{Message, text},
    statements::{Statement, Statements},
};

/// What is to come back for one message, in order.
#[derive(Debug)]
pub(super) enum Step {
    /// The pooler answers.
    Answer(Message),
    /// The session says that it has prepared a statement; the client hears it when it asked.
    Prepared { number: u64, asked: bool },
    /// The session's answers pass, up to one of these kinds.
    Pass(&'static [u8]),
}

/// The kind of the answer that ends a batch.
pub(super) const READY: &[u8] = b"Z";

/// A client's statements by its own names.
pub(super) type Names = HashMap<Bytes, Statement>;

/// A batch for one server session.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) out: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// What the session will have prepared by then.
    prepared: HashSet<u64>,
}

impl Batch {
    /// `prepared` is what the session knows already. Fails when the client uses what it has not prepared, or
    /// something that this pooler does not speak.
    pub(super) fn plan(
        messages: &[Message],
        names: &mut Names,
        statements: &Statements,
        prepared: &HashSet<u64>,
    ) -> Result<Self> {
        let mut batch = Self {
            prepared: prepared.clone(),
            ..Self::default()
        };
        for message in messages {
            batch.add(message, names, statements)?;
        }
        Ok(batch)
    }

    fn add(&mut self, message: &Message, names: &mut Names, statements: &Statements) -> Result<()> {
        let until: &'static [u8] = match (message.tag, message.body.first()) {
            (b'P', _) => return self.parse(message, names, statements),
            (b'B', _) => return self.bind(message, names),
            (b'D', Some(b'S')) => return self.describe(message, names),
            (b'C', Some(b'S')) => return self.close(message, names),
            (b'D', _) => b"Tn",
            (b'C', _) => b"3",
            (b'E', _) => b"CIs",
            (b'S' | b'Q', _) => READY,
            (tag, _) => bail!("this pooler does not speak {:?}", char::from(tag)),
        };
        self.pass(message, until);
        Ok(())
    }

    fn pass(&mut self, message: &Message, until: &'static [u8]) {
        message.put(&mut self.out);
        self.steps.push(Step::Pass(until));
    }

    /// A named statement that the session knows is not prepared once more.
    fn parse(&mut self, message: &Message, names: &mut Names, statements: &Statements) -> Result<()> {
        let (name, rest) = text(&message.body)?;
        if name.is_empty() {
            self.pass(message, b"1");
            return Ok(());
        }
        let statement = statements.of(rest);
        if self.prepared.contains(&statement.number) {
            self.steps.push(Step::Answer(Message::new(b'1', &[])));
        } else {
            self.prepare(&statement, true);
        }
        names.insert(name, statement);
        Ok(())
    }

    fn prepare(&mut self, statement: &Statement, asked: bool) {
        let number = statement.number;
        statement.parse().put(&mut self.out);
        self.steps.push(Step::Prepared { number, asked });
        self.prepared.insert(number);
    }

    /// The statement of this name, prepared on the session.
    fn known(&mut self, name: &Bytes, names: &Names) -> Result<Vec<u8>> {
        let statement = names.get(name);
        let statement = statement.with_context(|| {
            format!(
                "prepared statement {:?} does not exist",
                String::from_utf8_lossy(name)
            )
        })?;
        if !self.prepared.contains(&statement.number) {
            self.prepare(statement, false);
        }
        Ok(statement.name())
    }

    fn bind(&mut self, message: &Message, names: &Names) -> Result<()> {
        let (portal, rest) = text(&message.body)?;
        let (name, rest) = text(&rest)?;
        let message = if name.is_empty() {
            message.clone()
        } else {
            let name = self.known(&name, names)?;
            Message::new(b'B', &[&portal, b"\0", &name, &rest])
        };
        self.pass(&message, b"2");
        Ok(())
    }

    fn describe(&mut self, message: &Message, names: &Names) -> Result<()> {
        let (name, _) = text(&message.body.slice(1..))?;
        let message = if name.is_empty() {
            message.clone()
        } else {
            let name = self.known(&name, names)?;
            Message::new(b'D', &[b"S", &name])
        };
        self.pass(&message, b"Tn");
        Ok(())
    }

    /// The session keeps the statement for others.
    fn close(&mut self, message: &Message, names: &mut Names) -> Result<()> {
        let (name, _) = text(&message.body.slice(1..))?;
        if names.remove(&name).is_some() {
            self.steps.push(Step::Answer(Message::new(b'3', &[])));
        } else {
            self.pass(message, b"3");
        }
        Ok(())
    }
}
