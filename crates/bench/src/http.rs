//! A load generator's HTTP client: one keep-alive connection, bytes out, status and body in. It exists because the
//! generator shares two cores with what it measures.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// How often a request is sent that is refused for the moment: minutes of a backlog that does not shrink.
const TRIES: u32 = 300;

/// One connection to the API.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    /// Connects to `address` (host and port); requests carry the key.
    pub(crate) async fn open(address: &str, key: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        let head = format!("host: {address}\r\nauthorization: Bearer {key}\r\n");
        Ok(Self {
            stream: BufReader::new(stream),
            head,
        })
    }

    /// POST of JSON; the body of a 2xx answer. What is refused for the moment has started nothing and is sent again when the
    /// answer says so.
    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        for _ in 0..TRIES {
            let reply = self.offer(path, body).await?;
            let Some(pause) = reply.retry_after.filter(|_| reply.is_refused_for_now()) else {
                return reply.accepted();
            };
            tokio::time::sleep(pause).await;
        }
        bail!("the API refused {path} {TRIES} times");
    }

    /// POST of JSON; whatever the answer is.
    pub(crate) async fn offer(&mut self, path: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let head = format!(
            "POST {path} HTTP/1.1\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.head,
            body.len()
        );
        let mut request = Vec::with_capacity(head.len() + body.len());
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body);
        self.exchange(&request).await
    }

    /// GET; the body of a 2xx answer.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.head);
        self.exchange(request.as_bytes()).await?.accepted()
    }

    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Reply> {
        self.stream.get_mut().write_all(request).await?;
        let status = self.status().await?;
        let (length, retry_after) = self.headers().await?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(Reply {
            status,
            retry_after,
            body,
        })
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("the API closed the connection");
        }
        Ok(line)
    }

    async fn status(&mut self) -> anyhow::Result<u16> {
        let line = self.line().await?;
        let code = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        code.with_context(|| format!("no status in {line:?}"))
    }

    /// Reads the header lines to their end: the body's length, and when the answer says to come again.
    async fn headers(&mut self) -> anyhow::Result<(usize, Option<Duration>)> {
        let (mut length, mut retry_after) = (0, None);
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return Ok((length, retry_after));
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            if name.eq_ignore_ascii_case("retry-after") {
                retry_after = Some(Duration::from_secs(value.trim().parse()?));
            }
        }
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// What its `Retry-After` says.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Whether the same request may be accepted later.
    pub(crate) fn is_refused_for_now(&self) -> bool {
        matches!(self.status, 429 | 503) && self.retry_after.is_some()
    }

    /// The body of a 2xx answer.
    fn accepted(self) -> anyhow::Result<Vec<u8>> {
        if !(200..300).contains(&self.status) {
            bail!(
                "the API answered {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        Ok(self.body)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use levqor_testkit::{Answer, LocalServer};

    use super::*;

    static SENT: AtomicUsize = AtomicUsize::new(0);

    #[tokio::test]
    async fn what_is_refused_for_the_moment_is_sent_again_and_what_is_refused_for_good_is_not() {
        let server = LocalServer::start(|request| match request.path.as_str() {
            "/wrong" => Answer::status(422),
            _ if SENT.fetch_add(1, Ordering::SeqCst) < 2 => Answer::status(503).header("retry-after", "0"),
            _ => Answer::status(202).body("accepted"),
        })
        .await
        .unwrap();
        let address = server.url().trim_start_matches("http://").to_owned();
        let mut connection = Connection::open(&address, "key").await.unwrap();
        assert_eq!(connection.post("/busy", b"{}").await.unwrap(), b"accepted");
        assert_eq!(SENT.load(Ordering::SeqCst), 3);
        let error = connection.post("/wrong", b"{}").await.unwrap_err().to_string();
        assert!(error.contains("422"), "{error}");
    }
}
