//! The queue of a fleet, over Redis or Valkey.
//!
//! Key names are those of apalis-redis ([`Config`]), one of its queues per priority: ids in the `active` list,
//! payloads in the `data` hash, a token in the `signal` list that wakes one waiting worker. Beside them
//! stand two counters of ours, `waiting` (hints) and `sequence` (message ids). All of a namespace is in one hash
//! slot. When all is read, nothing is left. The scripts repair what they find broken: hints are disposable.

mod facts;
mod link;
mod wire;

use std::time::Duration;

use apalis_redis::Config;
use async_trait::async_trait;
use redis::{ErrorKind, Pipeline, RedisResult, Script, ScriptInvocation, ServerErrorKind, Value, cmd, pipe};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};
use tracing::debug;

pub use facts::RedisFacts;

use self::link::Link;
use crate::{HINTS_PER_MESSAGE, Hint, MAX_WAITING, PRIORITIES, Queue, QueueError, place};

/// How long an answer may take. Less than the patience of whoever asks for readiness: a call that is given up earlier
/// would not close a connection that says nothing.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The doorbell may be lost with a connection: look again this often.
const LOOK: Duration = Duration::from_secs(1);
/// Most messages looked at by one fetch.
const MESSAGES: usize = 256;

/// What waiting and looking answer.
type Answers = (RedisResult<Value>, RedisResult<Vec<Vec<u8>>>);

/// Keys of one priority, in the order the scripts expect.
type Keys = [String; 5];

/// Hints in Redis. It connects when first used and again after every loss; meanwhile calls answer an error.
pub struct RedisQueue {
    link: Link,
    /// Its own connection, because a blocking pop holds up all that follows on it. One fetch waits at a time.
    bell: Mutex<Link>,
    keys: [Keys; PRIORITIES],
    push: Script,
    fetch: Script,
}

impl RedisQueue {
    /// At this address (`redis://` or `rediss://`), under a namespace of key names. Does not connect yet.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn open(url: &str, namespace: &str) -> Result<Self, QueueError> {
        let script = |body| Script::new(&format!("{}{body}", include_str!("lua/repair.lua")));
        Ok(Self {
            link: Link::new(url, PATIENCE)?,
            bell: Mutex::new(Link::new(url, LOOK + PATIENCE)?),
            keys: ["high", "normal", "low"].map(|priority| keys(namespace, priority)),
            push: script(include_str!("lua/push.lua")),
            fetch: script(include_str!("lua/fetch.lua")),
        })
    }
}

fn keys(namespace: &str, priority: &str) -> Keys {
    let config = Config::default().queue(format!("{{{namespace}}}:{priority}"));
    let queue = config.queue.as_ref();
    [
        config.active_jobs_list(),
        config.job_data_hash(),
        config.signal_list(),
        format!("{queue}:waiting"),
        format!("{queue}:sequence"),
    ]
}

impl RedisQueue {
    /// One look, without waiting.
    async fn take(&self, max: usize) -> Result<Vec<Hint>, QueueError> {
        let look = self.look(max);
        let messages = self.link.ask(async |link| look.invoke_async(link).await).await?;
        Ok(hints(messages))
    }

    /// Waits for a ring, at most until `deadline` and for [`LOOK`], and takes what is there then.
    async fn wait(&self, max: usize, deadline: Instant) -> Result<Vec<Hint>, QueueError> {
        let until = deadline.min(Instant::now() + LOOK);
        let Ok(bell) = timeout_at(until, self.bell.lock()).await else {
            return Ok(Vec::new());
        };
        let left = until.saturating_duration_since(Instant::now());
        let (look, both) = (self.look(max), self.ring_and_look(max, left));
        // A fetch that is given up must not take hints later.
        let answer = bell.ask_alone(async |link| {
            let (ring, messages): Answers = both.query_async(link).await?;
            match (ring, messages) {
                // A server that started a moment ago.
                (_, Err(error)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    look.invoke_async(link).await
                }
                // A key of another type is mended by the look.
                (Err(error), Ok(none)) if none.is_empty() && error.code() != Some("WRONGTYPE") => Err(error),
                (_, messages) => messages,
            }
        });
        answer.await.map(hints)
    }

    fn look(&self, max: usize) -> ScriptInvocation<'_> {
        let mut call = self.fetch.prepare_invoke();
        for key in self.keys.as_flattened() {
            call.key(key);
        }
        call.arg(max).arg(MESSAGES);
        call
    }

    /// The look goes out with the wait, so that Redis does it the moment there is a ring: a round trip less for each run that
    /// finds its worker waiting.
    fn ring_and_look(&self, max: usize, wait: Duration) -> Pipeline {
        let mut both = pipe();
        both.ignore_errors();
        both.cmd("BLPOP");
        for [_, _, signal, ..] in &self.keys {
            both.arg(signal);
        }
        // Zero would be for ever.
        both.arg(wait.as_secs_f64().max(0.01));
        let keys = self.keys.as_flattened();
        both.cmd("EVALSHA").arg(self.fetch.get_hash());
        both.arg(keys.len()).arg(keys).arg(max).arg(MESSAGES);
        both
    }
}

fn hints(messages: Vec<Vec<u8>>) -> Vec<Hint> {
    let decode = |message: Vec<u8>| {
        let hints = wire::decode(&message);
        if hints.is_none() {
            debug!(bytes = message.len(), "a message that is not ours was dropped");
        }
        hints
    };
    messages.into_iter().filter_map(decode).flatten().collect()
}

#[async_trait]
impl Queue for RedisQueue {
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
        let Some(keys) = self.keys.get(place(priority)) else {
            return Ok(0);
        };
        let mut call = self.push.prepare_invoke();
        for key in keys
            .iter()
            .chain(self.keys.iter().map(|[_, _, _, waiting, _]| waiting))
        {
            call.key(key);
        }
        call.arg(MAX_WAITING);
        let hints = &hints[..hints.len().min(MAX_WAITING)];
        for message in hints.chunks(HINTS_PER_MESSAGE) {
            call.arg(message.len()).arg(wire::encode(message));
        }
        self.link.ask(async |link| call.invoke_async(link).await).await
    }

    async fn fetch(&self, max: usize, wait: Duration) -> Result<Vec<Hint>, QueueError> {
        let deadline = Instant::now() + wait;
        while max > 0 && Instant::now() < deadline {
            let hints = self.wait(max, deadline).await?;
            if !hints.is_empty() {
                return Ok(hints);
            }
        }
        self.take(max).await
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        let mut get = cmd("MGET");
        for [_, _, _, waiting, _] in &self.keys {
            get.arg(waiting);
        }
        let counts: Vec<Option<String>> = self.link.ask(async |link| get.query_async(link).await).await?;
        let number = |count: Option<String>| count.and_then(|count| count.parse::<u64>().ok());
        Ok(counts.into_iter().filter_map(number).sum())
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.link
            .ask(async |link| cmd("PING").query_async::<String>(link).await)
            .await
            .map(|_pong| ())
    }

    fn is_far(&self) -> bool {
        true
    }
}
