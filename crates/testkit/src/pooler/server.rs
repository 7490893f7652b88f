//! A session of the server.

use std::collections::HashSet;

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, tcp::OwnedWriteHalf},
};

use super::{
    batch::{Batch, READY, Step},
    line::{Line, Message, Reader, sized},
    startup::Parameters,
};

/// Answers are passed on in pieces of about this size.
const PIECE: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Server {
    pub(super) number: u64,
    /// What clients are told when they start.
    pub(super) settings: Vec<Message>,
    /// Numbers of the statements it knows.
    pub(super) prepared: HashSet<u64>,
    line: Line,
}

/// How a batch ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// Whether the session is in no transaction.
    pub(super) idle: bool,
    /// Statements prepared although the client had done so before.
    pub(super) prepared_again: u64,
}

impl Server {
    pub(super) async fn connect(port: u16, number: u64, parameters: &Parameters) -> Result<Self> {
        let mut line = Line::new(TcpStream::connect(("127.0.0.1", port)).await?)?;
        line.writer.write_all(&start(parameters)).await?;
        let mut settings = Vec::new();
        loop {
            let message = line.reader.message().await?;
            match message.tag {
                b'R' => ensure!(message.body[..] == [0; 4], "the server does not trust this user"),
                b'S' => settings.push(message),
                b'E' => bail!("the server refuses: {}", String::from_utf8_lossy(&message.body)),
                b'Z' => break,
                _ => {}
            }
        }
        let prepared = HashSet::new();
        Ok(Self {
            number,
            settings,
            prepared,
            line,
        })
    }

    /// Runs a batch for a client, which is told all it has to hear.
    pub(super) async fn run(&mut self, batch: Batch, client: &mut OwnedWriteHalf) -> Result<Outcome> {
        let Line { reader, writer } = &mut self.line;
        let mut passage = Passage {
            server: reader,
            client,
            prepared: &mut self.prepared,
            piece: Vec::new(),
            outcome: Outcome::default(),
        };
        let sent = async { writer.write_all(&batch.out).await.context("send to the server") };
        tokio::try_join!(sent, passage.all(batch.steps))?;
        Ok(passage.outcome)
    }
}

fn start(parameters: &Parameters) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for (name, value) in parameters {
        body.extend(format!("{name}\0{value}\0").into_bytes());
    }
    body.push(0);
    sized(&body)
}

/// The way back of one batch.
struct Passage<'a> {
    server: &'a mut Reader,
    client: &'a mut OwnedWriteHalf,
    prepared: &'a mut HashSet<u64>,
    piece: Vec<u8>,
    outcome: Outcome,
}

impl Passage<'_> {
    async fn all(&mut self, steps: Vec<Step>) -> Result<()> {
        let mut failed = false;
        for step in steps {
            // After an error the server skips everything up to Sync, and so do its answers.
            if !failed || matches!(step, Step::Pass(READY)) {
                failed = !self.one(step).await?;
            }
        }
        self.flush().await
    }

    /// Whether the message went well; a Query always does, its error is within it.
    async fn one(&mut self, step: Step) -> Result<bool> {
        let (until, passes): (&[u8], bool) = match &step {
            Step::Answer(message) => {
                message.put(&mut self.piece);
                return Ok(true);
            }
            Step::Prepared { asked, .. } => (b"1", *asked),
            Step::Pass(until) => (until, true),
        };
        loop {
            let message = self.server.message().await?;
            match message.tag {
                // Notifications to somebody who listened on this session once.
                b'A' => continue,
                b'G' | b'H' | b'W' => bail!("this pooler does not speak COPY"),
                b'Z' => self.outcome.idle = message.body[..] == *b"I",
                _ => {}
            }
            let last = until.contains(&message.tag);
            let failed = message.tag == b'E' && until != READY;
            if passes || !last {
                self.pass(&message).await?;
            }
            if last {
                self.note(&step);
            }
            if last || failed {
                return Ok(last);
            }
        }
    }

    fn note(&mut self, step: &Step) {
        if let Step::Prepared { number, asked } = step {
            self.prepared.insert(*number);
            self.outcome.prepared_again += u64::from(!asked);
        }
    }

    async fn pass(&mut self, message: &Message) -> Result<()> {
        message.put(&mut self.piece);
        if self.piece.len() >= PIECE {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let piece = std::mem::take(&mut self.piece);
        self.client.write_all(&piece).await.context("answer the client")
    }
}
