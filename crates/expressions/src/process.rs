//! One helper process, seen from the parent.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    ExpressionError, Options,
    frame::{self, Limits, MAX_FRAME, MAX_SLOTS, Request, Slot},
    program::Program,
    serve::IDLE,
};

/// A process that has not said it is ready by then is broken.
const START: Duration = Duration::from_secs(30);
/// Given up this long before the helper gives up by itself.
const IDLE_MARGIN: Duration = Duration::from_secs(5);
/// Larger contents are sent each time rather than kept here for comparison.
const MAX_KEPT: usize = 4 * 1024 * 1024;

/// Why a helper is of no more use.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It took too long.
    Timeout,
    /// It ended by itself, without fault.
    Ended,
    /// It died; a sentence says of what.
    Died(&'static str),
}

/// A running helper.
pub(crate) struct Helper {
    child: Child,
    socket: UnixStream,
    /// JSON the helper holds in its slots.
    sent: HashMap<String, Vec<u8>>,
    last_used: Instant,
    reply_bytes: usize,
}

impl Helper {
    /// Starts a process with an empty environment and waits until it has confined itself.
    pub(crate) fn start(options: &Options) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let child = Command::new(&options.helper.program)
            .args(&options.helper.args)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs.try_clone()?)))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::piped())
            .spawn()?;
        // An error sentence is short, but longer than a tiny limit for results.
        let reply_bytes = options.output_bytes.saturating_add(64 * 1024);
        let mut helper = Self {
            child,
            socket,
            sent: HashMap::new(),
            last_used: Instant::now(),
            reply_bytes,
        };
        let limits = Limits {
            memory: options.memory,
            output_bytes: options.output_bytes as u64,
            seconds: options.timeout.as_secs() + 2,
        };
        match helper.exchange(&limits.encode(), Instant::now() + START) {
            Ok(_) => Ok(helper),
            Err(broken) => Err(io::Error::other(format!(
                "the expression helper did not start: {broken:?}"
            ))),
        }
    }

    /// Whether it has been idle for so long that it may be about to end.
    pub(crate) fn is_stale(&self) -> bool {
        self.last_used.elapsed() > IDLE.saturating_sub(IDLE_MARGIN)
    }

    /// Evaluates `program`; `Ok(Err(…))` is an error of the expression, after which the helper is as good as before.
    pub(crate) fn evaluate(
        &mut self,
        program: &Program,
        values: &Contents<'_>,
        timeout: Duration,
    ) -> Result<Result<Value, ExpressionError>, Broken> {
        let new = values
            .0
            .iter()
            .filter(|(name, _)| !self.sent.contains_key(*name))
            .count();
        let reset = self.sent.len() + new > MAX_SLOTS;
        if reset {
            self.sent.clear();
        }
        let slots = values.slots(|name, content| self.sent.get(name).is_some_and(|sent| sent == content));
        let frame = Request {
            reset,
            source: &program.source,
            slots,
        }
        .encode();
        if frame.len() > MAX_FRAME {
            let sentence = format!("the input of the expression is larger than {MAX_FRAME} bytes");
            return Ok(Err(ExpressionError(sentence)));
        }
        let reply = self.exchange(&frame, Instant::now() + timeout)?;
        let result = read_reply(&reply);
        self.remember(values, result.is_ok());
        self.last_used = Instant::now();
        Ok(result)
    }

    /// After an error it is not certain which contents the helper took.
    fn remember(&mut self, values: &Contents<'_>, taken: bool) {
        for (name, content) in &values.0 {
            if content.len() > MAX_KEPT || !taken {
                self.sent.remove(*name);
            } else if self.sent.get(*name) != Some(content) {
                self.sent.insert((*name).to_owned(), content.clone());
            }
        }
    }

    fn exchange(&mut self, frame: &[u8], deadline: Instant) -> Result<Vec<u8>, Broken> {
        self.send(frame, deadline)
            .and_then(|()| self.receive(deadline))
            .map_err(|error| match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Broken::Timeout,
                _ => self.cause_of_death(),
            })
    }

    fn send(&mut self, frame: &[u8], deadline: Instant) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(frame.len() + 4);
        bytes.extend(frame::length(frame.len()));
        bytes.extend_from_slice(frame);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            self.socket.set_write_timeout(Some(remaining(deadline)?))?;
            match self.socket.write(rest) {
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self, deadline: Instant) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.fill(&mut length, deadline)?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > self.reply_bytes {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut frame = vec![0; length];
        self.fill(&mut frame, deadline)?;
        Ok(frame)
    }

    fn fill(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
        let mut rest = buffer;
        while !rest.is_empty() {
            self.socket.set_read_timeout(Some(remaining(deadline)?))?;
            match self.socket.read(rest) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => rest = rest.get_mut(read..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The socket is closed: the process is dead or about to be.
    fn cause_of_death(&mut self) -> Broken {
        let mut said = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            // Ends when the process does, whose end of the socket is closed already.
            let _ = stderr.take(4096).read_to_string(&mut said);
        }
        if said.contains("overflowed its stack") {
            return Broken::Died("recursed too deeply");
        }
        if said.contains("memory allocation") {
            return Broken::Died("needed too much memory");
        }
        match self.child.wait() {
            Ok(status) if status.success() => Broken::Ended,
            // No word and no status of its own: a signal, most likely of the kernel that ran out of memory.
            Ok(status) if status.code().is_none() => Broken::Died("was ended by the operating system"),
            _ => Broken::Died("made the jq library fail"),
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // None of these can fail in a way that matters: the process may be gone already.
        let _ = self.socket.shutdown(Shutdown::Both);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(io::ErrorKind::TimedOut.into())
    } else {
        Ok(left)
    }
}

/// The result of an expression, from its text.
pub(crate) fn parse_result(text: &[u8]) -> Result<Value, ExpressionError> {
    serde_json::from_slice(text).map_err(|error| ExpressionError(format!("the result is not JSON: {error}")))
}

fn read_reply(reply: &[u8]) -> Result<Value, ExpressionError> {
    match reply.split_first() {
        Some((1, text)) => parse_result(text),
        Some((_, sentence)) => Err(ExpressionError(String::from_utf8_lossy(sentence).into_owned())),
        None => Err(ExpressionError::new("the expression helper gave no answer")),
    }
}

/// What one evaluation reads, as JSON text: `.` under the empty name, then the program's variables in its order.
pub(crate) struct Contents<'a>(Vec<(&'a str, Vec<u8>)>);

impl<'a> Contents<'a> {
    /// `variables` are the values of the program's, in its order.
    pub(crate) fn new(
        program: &'a Program,
        input: &Value,
        variables: &[&Value],
    ) -> Result<Self, ExpressionError> {
        let json = |value| serde_json::to_vec(value).map_err(|error| ExpressionError(error.to_string()));
        let mut contents = vec![("", json(input)?)];
        for (name, value) in program.variables.iter().zip(variables) {
            contents.push((name, json(value)?));
        }
        Ok(Self(contents))
    }

    /// As a request sends them; `known` says what the helper has.
    pub(crate) fn slots(&self, known: impl Fn(&str, &[u8]) -> bool) -> Vec<Slot<'_>> {
        let content = |name, content| (!known(name, content)).then_some(content);
        self.0
            .iter()
            .map(|(name, text)| Slot {
                name,
                content: content(name, text.as_slice()),
            })
            .collect()
    }
}
