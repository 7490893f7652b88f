//! A small HTTP/1.1 server that records what it is asked and answers as the test says.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, header::HeaderMap, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Header fields; look up by [`Recorded::header`].
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Recorded {
    /// A header's first value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    delay: Duration,
    drop: bool,
}

impl Answer {
    /// A status and an empty body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
            drop: false,
        }
    }

    /// 200 with a JSON body.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::status(200)
            .body(body)
            .header("content-type", "application/json")
    }

    /// Closes the connection instead of answering.
    pub fn dropped() -> Self {
        Self {
            drop: true,
            ..Self::status(500)
        }
    }

    /// With this body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Not before `delay` has gone by.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Respond = dyn Fn(&Recorded) -> Answer + Send + Sync;

struct Shared {
    respond: Mutex<Arc<Respond>>,
    requests: watch::Sender<Vec<Recorded>>,
}

/// The server; it closes every connection on drop.
pub struct LocalServer {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl LocalServer {
    /// Answers every request by `respond`.
    pub async fn start(respond: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            respond: Mutex::new(Arc::new(respond)),
            requests: watch::Sender::new(Vec::new()),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, task })
    }

    /// Answers differently from now on.
    pub fn respond(&self, respond: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) {
        *self.shared.respond.lock() = Arc::new(respond);
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Requests so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.borrow().clone()
    }

    /// Waits until `n` requests have arrived, and answers all there are by then.
    pub async fn wait_for(&self, n: usize, deadline: Duration) -> Result<Vec<Recorded>> {
        let mut requests = self.shared.requests.subscribe();
        let arrived = timeout(deadline, requests.wait_for(|all| all.len() >= n)).await;
        let all = arrived.with_context(|| format!("{} of {n} requests came", self.requests().len()))??;
        Ok(all.clone())
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    // An error is a client that went away or a drop the test asked for.
    let _served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let recorded = Recorded {
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: head.headers,
        body: body.collect().await?.to_bytes(),
    };
    let respond = Arc::clone(&shared.respond.lock());
    shared.requests.send_modify(|all| all.push(recorded.clone()));
    let answer = respond(&recorded);
    sleep(answer.delay).await;
    anyhow::ensure!(!answer.drop, "dropped as the test asked");
    let response = Response::builder().status(answer.status);
    let response = answer
        .headers
        .iter()
        .fold(response, |response, (name, value)| response.header(name, value));
    response.body(Full::new(answer.body)).map_err(Into::into)
}
