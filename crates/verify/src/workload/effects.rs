//! The outside world of the runs: a server that notes who called, under which key and epoch, from when to when. It answers
//! 503 to as many tries of a step as the call's body asks for, and as late as the body asks for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, Response, body::Incoming, header::CONTENT_TYPE, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use super::recorder::Recorder;
use crate::history::{Call, Notice};

/// The server; it closes on drop.
pub(super) struct Effects {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Effects {
    /// Listens on `address`; port 0 takes a free one.
    pub(super) async fn start(address: SocketAddr, recorder: Arc<Recorder>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, recorder));
        Ok(Self { address, task })
    }

    /// Where runs call.
    pub(super) fn calls(&self) -> String {
        format!("http://{}/effect", self.address)
    }

    /// Where ends are told.
    pub(super) fn notices(&self) -> String {
        format!("http://{}/notice", self.address)
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, recorder: Arc<Recorder>) {
    let mut connections = JoinSet::new();
    loop {
        // An error is that of one connection, or of too many open files, which passes.
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        connections.spawn(serve(stream, Arc::clone(&recorder)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, recorder: Arc<Recorder>) {
    let service = service_fn(|request| answer(request, Arc::clone(&recorder)));
    // An error is a caller that went away, which is what the nemesis is for.
    let _served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    recorder: Arc<Recorder>,
) -> anyhow::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (status, answer) = match head.uri.path() {
        "/effect" => effect(&head.headers, &body, &recorder).await,
        "/notice" => notice(&head.headers, &body, &recorder),
        _ => (404, Value::Null),
    };
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json");
    Ok(response.body(Full::new(answer.to_string().into()))?)
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// Notes the end of a call also when its caller goes away, which drops the future of the answer.
struct Open<'a> {
    recorder: &'a Recorder,
    at: usize,
    status: Option<u16>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.recorder.call_ended(self.at, self.status);
    }
}

async fn effect(headers: &HeaderMap, body: &Value, recorder: &Recorder) -> (u16, Value) {
    let number = |name: &str| body.get(name).and_then(Value::as_u64).unwrap_or_default();
    let attempt = text(headers, "levqor-attempt").parse().unwrap_or_default();
    let (at, token) = recorder.call(Call {
        token: String::new(),
        run: text(headers, "levqor-run"),
        step: u32::try_from(number("step")).unwrap_or_default(),
        key: text(headers, "idempotency-key"),
        epoch: text(headers, "levqor-epoch").parse().unwrap_or_default(),
        attempt,
        begin: 0,
        end: u64::MAX,
        status: None,
    });
    let mut open = Open {
        recorder,
        at,
        status: None,
    };
    sleep(Duration::from_millis(number("slow"))).await;
    let fails = u64::from(attempt) <= number("fails");
    let (status, answer) = if fails {
        (503, json!({"error": "as planned"}))
    } else {
        (200, json!({ "token": token }))
    };
    open.status = Some(status);
    (status, answer)
}

fn notice(headers: &HeaderMap, body: &Value, recorder: &Recorder) -> (u16, Value) {
    let member = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    recorder.notice(Notice {
        id: text(headers, "webhook-id"),
        run: member("id"),
        state: member("state"),
        at: 0,
    });
    (204, Value::Null)
}
