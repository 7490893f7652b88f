//! Our own programs as child processes: their lines, their signals, their end.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use tokio::{sync::watch, time::timeout};

use crate::{TempFolder, child::Child};

/// Which stream a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// Both streams in the order the lines were read.
#[derive(Debug)]
struct Output {
    lines: Vec<(Stream, String)>,
    /// Streams that have not ended.
    open: usize,
}

impl Output {
    fn find(&self, text: &str) -> Option<String> {
        self.lines
            .iter()
            .map(|(_, line)| line)
            .find(|line| line.contains(text))
            .cloned()
    }
}

/// A running program, killed on drop.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: Arc<watch::Sender<Output>>,
    folder: TempFolder,
}

impl Process {
    /// Starts the `levqor` binary ([`levqor_binary`]) with these arguments and environment variables.
    pub fn levqor<A: AsRef<OsStr>>(arguments: &[A], environment: &[(&str, &str)]) -> Result<Self> {
        Self::start(&levqor_binary()?, arguments, environment)
    }

    /// Starts a program in an empty temporary folder. `LEVQOR_*` of our own environment does not reach it.
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: &[A],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = TempFolder::new()?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LEVQOR_"))
        {
            command.env_remove(name);
        }
        command.envs(environment.iter().copied());
        let child = Child::spawn(&mut command, folder.path(), Signal::KILL)?;
        let output = Arc::new(watch::Sender::new(Output {
            lines: Vec::new(),
            open: 2,
        }));
        let (out, err) = child.take_streams()?;
        collect(Stream::Out, out, Arc::clone(&output));
        collect(Stream::Err, err, Arc::clone(&output));
        Ok(Self {
            child,
            output,
            folder,
        })
    }

    /// The folder it works in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The first line of either stream that contains `text`, now or within `deadline`. Fails early when both
    /// streams have ended without it.
    pub async fn wait_for_line(&self, text: &str, deadline: Duration) -> Result<String> {
        let mut output = self.output.subscribe();
        let arrived = output.wait_for(|output| output.open == 0 || output.find(text).is_some());
        let found = timeout(deadline, arrived)
            .await
            .ok()
            .and_then(Result::ok)
            .and_then(|all| all.find(text));
        let Some(line) = found else {
            bail!(
                "no line with {text:?} within {deadline:?}; it wrote:\n{}",
                self.output()
            );
        };
        Ok(line)
    }

    /// All lines of standard output so far.
    pub fn stdout(&self) -> String {
        self.text(|stream| stream == Stream::Out)
    }

    /// All lines of standard error so far.
    pub fn stderr(&self) -> String {
        self.text(|stream| stream == Stream::Err)
    }

    /// All lines so far.
    pub fn output(&self) -> String {
        self.text(|_| true)
    }

    fn text(&self, wanted: impl Fn(Stream) -> bool) -> String {
        let output = self.output.borrow();
        let wanted = output.lines.iter().filter(|(stream, _)| wanted(*stream));
        wanted.flat_map(|(_, line)| [line.as_str(), "\n"]).collect()
    }

    /// kill -9, and waits for the end.
    pub async fn kill(&self) -> Result<()> {
        self.child.signal(Signal::KILL)?;
        self.child.wait(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// SIGTERM: asks it to drain.
    pub fn terminate(&self) -> Result<()> {
        self.child.signal(Signal::TERM)
    }

    /// SIGINT, as Ctrl-C.
    pub fn interrupt(&self) -> Result<()> {
        self.child.signal(Signal::INT)
    }

    /// SIGSTOP: freezes it.
    pub fn freeze(&self) -> Result<()> {
        self.child.signal(Signal::STOP)
    }

    /// SIGCONT: ends a freeze.
    pub fn thaw(&self) -> Result<()> {
        self.child.signal(Signal::CONT)
    }

    /// Lets it run for about `slice`, then freezes it and waits until it stands still, so that what it has committed can
    /// be looked at. False: it has ended.
    pub async fn step(&self, slice: Duration) -> Result<bool> {
        self.thaw()?;
        tokio::time::sleep(slice).await;
        self.child.stand_still().await
    }

    /// Waits for its end and for the last line of its output.
    pub async fn wait(&self, deadline: Duration) -> Result<ExitStatus> {
        let status = self.child.wait(deadline).await;
        let status = status.with_context(|| format!("it wrote:\n{}", self.output()))?;
        let mut output = self.output.subscribe();
        // A grandchild may keep the streams open: then what came so far must do.
        let _ended = timeout(Duration::from_secs(5), output.wait_for(|output| output.open == 0)).await;
        Ok(status)
    }

    /// Waits for its end with exit code 0; its standard output.
    pub async fn succeed(&self, deadline: Duration) -> Result<String> {
        let status = self.wait(deadline).await?;
        ensure!(status.success(), "it ended with {status}:\n{}", self.output());
        Ok(self.stdout())
    }

    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        self.child.ended().is_none()
    }
}

/// Reads a stream to its end on a thread; bytes that are not UTF-8 are replaced.
fn collect(stream: Stream, from: impl Read + Send + 'static, output: Arc<watch::Sender<Output>>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            output.send_modify(|output| output.lines.push((stream, text)));
            line.clear();
        }
        output.send_modify(|output| output.open -= 1);
    });
}

/// The binary under test: `LEVQOR_BIN`, or `levqor` in the build folder this test was built into.
pub fn levqor_binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("LEVQOR_BIN") {
        return Ok(named.into());
    }
    let test = std::env::current_exe()?;
    let built = test
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("levqor"))
        .find(|file| file.is_file());
    built.context("no levqor binary: build it first (cargo build -p levqor) or set LEVQOR_BIN")
}
