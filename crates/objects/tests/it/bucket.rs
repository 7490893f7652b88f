//! A server that speaks as much S3 as we ask for, and refuses what a real one would refuse.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use levqor_testkit::{Answer, LocalServer, Recorded};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::sigv4::verify;

pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "eu-west-2";

/// A bucket named `exports`.
pub(crate) struct FakeBucket {
    pub(crate) server: LocalServer,
    pub(crate) objects: Arc<Mutex<HashMap<String, Bytes>>>,
}

impl FakeBucket {
    pub(crate) async fn start() -> Result<Self> {
        let objects: Arc<Mutex<HashMap<String, Bytes>>> = Arc::default();
        let kept = objects.clone();
        let server = LocalServer::start(move |request| answer(request, &kept)).await?;
        Ok(Self { server, objects })
    }

    /// As a setting says it.
    pub(crate) fn setting(&self, bucket: &str) -> String {
        format!("s3://{bucket}?region={REGION}&endpoint={}", self.server.url())
    }
}

pub(crate) fn error(status: u16, code: &str) -> Answer {
    Answer::status(status).body(format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>"
    ))
}

fn answer(request: &Recorded, objects: &Mutex<HashMap<String, Bytes>>) -> Answer {
    if verify(request, ACCESS_KEY, SECRET, REGION).is_err() {
        return error(403, "SignatureDoesNotMatch");
    }
    let path = request.path.split('?').next().unwrap_or_default();
    let Some(key) = path.strip_prefix("/exports/") else {
        return error(404, "NoSuchBucket");
    };
    let mut objects = objects.lock();
    match request.method.as_str() {
        "PUT"
            if request.header("x-amz-checksum-sha256")
                != Some(&BASE64_STANDARD.encode(Sha256::digest(&request.body))) =>
        {
            error(400, "BadDigest")
        }
        "PUT" => {
            objects.insert(key.to_owned(), request.body.clone());
            Answer::status(200)
        }
        "GET" => match objects.get(key) {
            Some(body) => Answer::status(200).body(body.clone()),
            None => error(404, "NoSuchKey"),
        },
        "DELETE" => {
            objects.remove(key);
            Answer::status(204)
        }
        _ => error(405, "MethodNotAllowed"),
    }
}
