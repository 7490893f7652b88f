//! A bucket that keeps what it is sent, and can hang at a chosen request.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use levqor_testkit::{Answer, LocalServer, Recorded};
use parking_lot::Mutex;
use tokio::sync::watch;

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_mins(10);

/// A request as a test names it: its method, and whether it is about the `copy` of the rows or the `package`.
pub(crate) type Moment = (&'static str, &'static str);

#[derive(Default)]
struct Kept {
    objects: HashMap<String, Vec<u8>>,
    hangs_at: Option<Moment>,
}

pub(crate) struct Bucket {
    server: LocalServer,
    kept: Arc<Mutex<Kept>>,
    hung: watch::Receiver<usize>,
}

impl Bucket {
    pub(crate) async fn start() -> Result<Self> {
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let (tell, hung) = watch::channel(0);
        let shared = kept.clone();
        let server = LocalServer::start(move |request| {
            let answer = answer(request, &mut shared.lock());
            answer.unwrap_or_else(|| {
                tell.send_modify(|times| *times += 1);
                Answer::dropped().after(FOR_EVER)
            })
        });
        Ok(Self {
            server: server.await?,
            kept,
            hung,
        })
    }

    /// As a setting says it.
    pub(crate) fn setting(&self) -> String {
        format!("s3://exports?region=eu-west-2&endpoint={}", self.server.url())
    }

    /// From now on requests of this kind get no answer.
    pub(crate) fn hang_at(&self, moment: Option<Moment>) {
        self.kept.lock().hangs_at = moment;
    }

    /// Waits until so many requests have got no answer.
    pub(crate) async fn hung(&self, times: usize, limit: Duration) -> Result<()> {
        let mut hung = self.hung.clone();
        let outcome = tokio::time::timeout(limit, hung.wait_for(|now| *now >= times)).await;
        outcome.context("the request did not come")??;
        Ok(())
    }

    /// Keys of what is kept.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.kept.lock().objects.keys().cloned().collect()
    }
}

/// None: no answer.
fn answer(request: &Recorded, kept: &mut Kept) -> Option<Answer> {
    let key = request.path.split('?').next().unwrap_or_default().to_owned();
    let about = if key.ends_with("/snapshot") {
        "copy"
    } else {
        "package"
    };
    if kept
        .hangs_at
        .is_some_and(|moment| moment == (request.method.as_str(), about))
    {
        return None;
    }
    Some(match request.method.as_str() {
        "PUT" => {
            kept.objects.insert(key, request.body.to_vec());
            Answer::status(200)
        }
        "DELETE" => {
            kept.objects.remove(&key);
            Answer::status(204)
        }
        _ => match kept.objects.get(&key) {
            Some(object) => Answer::status(200).body(object.clone()),
            None => Answer::status(404).body("<Error><Code>NoSuchKey</Code></Error>"),
        },
    })
}
