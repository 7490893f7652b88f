//! A small SMTP server that keeps what it is given, and replies as the test says.

use std::sync::Arc;

use anyhow::Result;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// A mail as it was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What the client called itself.
    pub hello: String,
    /// Address after `MAIL FROM`.
    pub from: String,
    /// Addresses after `RCPT TO`.
    pub to: Vec<String>,
    /// Headers and body, with CRLF, dots undone.
    pub text: String,
}

/// For a line of the client, the reply in place of the usual one; the end of a mail is the line `.`.
type Reply = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

struct Shared {
    reply: Reply,
    taken: Mutex<Vec<Taken>>,
}

/// The server; it closes every connection on drop.
pub struct LocalSmtp {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl LocalSmtp {
    /// Takes every mail.
    pub async fn start() -> Result<Self> {
        Self::start_with(|_| None).await
    }

    /// Replies with what `reply` gives for a line of the client, such as `550 5.1.1 unknown`; a `4xx` or `5xx` at the line
    /// `.` means that the mail was not taken.
    pub async fn start_with(reply: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            reply: Box::new(reply),
            taken: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, task })
    }

    /// `smtp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Mails taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().clone()
    }
}

impl Drop for LocalSmtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // An error is a client that went away.
        connections.spawn(async move { serve(stream, &shared).await.ok() });
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = Taken::default();
    write.write_all(b"220 test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let reply = (shared.reply)(&line).unwrap_or_else(|| usual(&line));
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
        note(&mut mail, &line);
        if line == "DATA" && reply.starts_with('3') {
            mail.text = text(&mut lines).await?;
            let reply = (shared.reply)(".").unwrap_or_else(|| "250 2.0.0 taken".to_owned());
            if reply.starts_with('2') {
                shared.taken.lock().push(mail.clone());
            }
            write.write_all(format!("{reply}\r\n").as_bytes()).await?;
        }
    }
    Ok(())
}

fn usual(line: &str) -> String {
    match line.split([' ', ':']).next().unwrap_or_default() {
        "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned(),
        "AUTH" => "235 2.7.0 accepted".to_owned(),
        "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 2.1.0 fine".to_owned(),
        "DATA" => "354 go on".to_owned(),
        "QUIT" => "221 2.0.0 bye".to_owned(),
        _ => "502 5.5.1 unknown".to_owned(),
    }
}

fn note(mail: &mut Taken, line: &str) {
    let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    if let Some(name) = line.strip_prefix("EHLO ") {
        name.clone_into(&mut mail.hello);
    } else if line.starts_with("MAIL FROM:") {
        mail.from = address();
        mail.to.clear();
    } else if line.starts_with("RCPT TO:") {
        mail.to.push(address());
    }
}

/// To the line with one dot; a doubled dot at the beginning of a line is one (RFC 5321, 4.5.2).
async fn text<R: tokio::io::AsyncBufRead + Unpin>(lines: &mut tokio::io::Lines<R>) -> Result<String> {
    let mut text = String::new();
    while let Some(line) = lines.next_line().await? {
        if line == "." {
            break;
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
    Ok(text)
}
