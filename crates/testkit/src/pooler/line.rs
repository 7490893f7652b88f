//! Messages of the protocol, version 3 (<https://www.postgresql.org/docs/15/protocol-message-formats.html>).

use std::io;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// No client of the tests sends more; a length beyond it means that the bytes are not the protocol.
const LONGEST: usize = 256 << 20;

/// A message: its kind, and what follows its length.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) tag: u8,
    pub(super) body: Bytes,
}

impl Message {
    pub(super) fn new(tag: u8, parts: &[&[u8]]) -> Self {
        Self {
            tag,
            body: parts.concat().into(),
        }
    }

    /// An error as the server would word it.
    pub(super) fn error(severity: &str, code: &str, text: &str) -> Self {
        let fields = format!("S{severity}\0V{severity}\0C{code}\0M{text}\0\0");
        Self::new(b'E', &[fields.as_bytes()])
    }

    /// As it stands on the line.
    pub(super) fn put(&self, to: &mut Vec<u8>) {
        to.push(self.tag);
        to.extend(sized(&self.body));
    }
}

/// What is written for a body: its length, itself included, then the body.
pub(super) fn sized(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), body].concat()
}

/// The text before the first NUL, and what comes after it.
pub(super) fn text(body: &Bytes) -> io::Result<(Bytes, Bytes)> {
    let end = body.iter().position(|byte| *byte == 0);
    let end = end.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a text without an end"))?;
    Ok((body.slice(..end), body.slice(end + 1..)))
}

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) reader: Reader,
    pub(super) writer: OwnedWriteHalf,
}

#[derive(Debug)]
pub(super) struct Reader(BufReader<OwnedReadHalf>);

impl Line {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Self {
            reader: Reader(BufReader::with_capacity(64 << 10, reader)),
            writer,
        })
    }

    pub(super) async fn send(&mut self, messages: &[Message]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for message in messages {
            message.put(&mut bytes);
        }
        self.writer.write_all(&bytes).await
    }
}

impl Reader {
    pub(super) async fn message(&mut self) -> io::Result<Message> {
        let tag = self.0.read_u8().await?;
        let body = self.body().await?;
        Ok(Message { tag, body })
    }

    /// A length and what it counts: a whole message while a connection starts.
    pub(super) async fn body(&mut self) -> io::Result<Bytes> {
        let length = self.0.read_u32().await?;
        let length = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_sub(4));
        let Some(length) = length.filter(|length| *length <= LONGEST) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a length out of range",
            ));
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(body.into())
    }
}
