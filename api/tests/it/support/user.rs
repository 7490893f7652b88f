//! A caller, with or without a key, and the requests it makes.

use std::sync::Arc;

use poem::{
    Body, Endpoint, Request, Response,
    endpoint::BoxEndpoint,
    http::{HeaderName, HeaderValue, Method},
};
use serde_json::Value;

use super::{answer::Answer, contract};

/// A caller.
#[derive(Clone)]
pub(crate) struct User {
    endpoint: Arc<BoxEndpoint<'static, Response>>,
    pub(crate) key: Option<String>,
}

/// A request in the making.
pub(crate) struct Call {
    user: User,
    method: Method,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
}

impl User {
    pub(crate) fn new(endpoint: Arc<BoxEndpoint<'static, Response>>, key: Option<String>) -> Self {
        Self { endpoint, key }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        let method = method.parse().unwrap();
        Call {
            user: self.clone(),
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Body::empty(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path).send().await
    }

    /// With a JSON body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path)
            .body("application/json", body.to_string())
            .send()
            .await
    }

    /// With a JSON body.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path)
            .body("application/json", body.to_string())
            .send()
            .await
    }

    /// With a JSON body.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path)
            .body("application/json", body.to_string())
            .send()
            .await
    }

    /// Stores a document.
    pub(crate) async fn store(&self, document: &str) -> Answer {
        self.call("POST", "/api/v1/workflows")
            .body("application/yaml", document)
            .send()
            .await
    }

    /// Starts a run of `shop/order` and answers its id.
    pub(crate) async fn run(&self) -> String {
        let body = serde_json::json!({"workflow": "shop/order", "payload": {"n": 1}});
        self.post("/api/v1/intake", body).await.expect(202).text("job_id")
    }
}

impl Call {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    pub(crate) fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.headers
            .push((name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()));
        self
    }

    pub(crate) fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: Body::from_vec(body.into()),
            ..self
        }
        .header("content-type", content_type)
    }

    /// A body without a type.
    pub(crate) fn plain_body(self, body: impl Into<Body>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method.clone()).uri_str(&self.path);
        if let Some(key) = &self.user.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = self.user.endpoint.get_response(request.body(self.body)).await;
        let answer = Answer::read(response).await;
        contract::check(&self.method, &self.path, &answer);
        answer
    }
}
