//! A load generator's HTTP client: one keep-alive connection, bytes out, status and body in. It exists because the
//! generator shares two cores with what it measures.

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

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

    /// POST of JSON; the body of a 2xx answer.
    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.offer(path, body).await?.accepted()
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

    /// Reads the header lines to their end: the body's length, and whether the answer says when to come again.
    async fn headers(&mut self) -> anyhow::Result<(usize, bool)> {
        let (mut length, mut retry_after) = (0, false);
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return Ok((length, retry_after));
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            retry_after |= name.eq_ignore_ascii_case("retry-after");
        }
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Whether it has `Retry-After`.
    pub(crate) retry_after: bool,
    pub(crate) body: Vec<u8>,
}

impl Reply {
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
