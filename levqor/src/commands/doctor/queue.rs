//! Whether the queue answers, and how it is set up.

use std::time::Duration;

use levqor_queue::RedisFacts;

use super::finding::Finding;
use crate::{
    config::{Config, QueueUrl},
    wiring,
};

const NAME: &str = "queue";

const SERVER: &str = "queue_server";

const PATIENCE: Duration = Duration::from_secs(5);

/// The oldest major version whose scripts do what ours count on.
const OLDEST: u32 = 6;

/// One round trip, then what the server says of itself.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let QueueUrl::Redis(url) = &config.queue else {
        return vec![Finding::ok(NAME, "inside the process")];
    };
    let action = "Start it, or correct redis_url. Nothing is lost meanwhile: runs wait in the database.";
    let ping = async {
        let queue = wiring::queue(&config.queue)?;
        Ok::<_, anyhow::Error>(queue.ping().await?)
    };
    match tokio::time::timeout(PATIENCE, ping).await {
        Ok(Ok(())) => vec![Finding::ok(NAME, "answers"), server(url).await],
        Ok(Err(error)) => vec![Finding::fail(NAME, format!("{error:#}"), action)],
        Err(_) => vec![Finding::fail(
            NAME,
            format!("no answer within {} s", PATIENCE.as_secs()),
            action,
        )],
    }
}

async fn server(url: &str) -> Finding {
    match RedisFacts::ask(url, PATIENCE).await {
        Ok(facts) => judge(&facts),
        Err(error) => Finding::warn(
            SERVER,
            format!("{error}"),
            "Let the user of redis_url run INFO, and see for yourself.",
        ),
    }
}

fn judge(facts: &RedisFacts) -> Finding {
    let RedisFacts {
        version,
        maxmemory_policy: policy,
        maxmemory,
        ..
    } = facts;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    if facts.replica {
        let action = "Name the primary server in redis_url: a replica takes no writes.";
        return Finding::fail(SERVER, format!("Redis {version} is a replica"), action);
    }
    if digits.parse::<u32>().unwrap_or(0) < OLDEST {
        let action = "Use Redis 6 or later, or Valkey.";
        return Finding::warn(SERVER, format!("Redis {version:?} is old"), action);
    }
    if *maxmemory > 0 && policy != "noeviction" {
        let action = "Set maxmemory-policy noeviction: hints that are evicted are found again from the database, seconds later.";
        return Finding::warn(
            SERVER,
            format!("Redis {version} evicts by {policy} when it is full"),
            action,
        );
    }
    let kept = if facts.appends {
        "its append-only file is not needed: hints are disposable"
    } else {
        "keeps nothing over a restart, and need not"
    };
    Finding::ok(SERVER, format!("Redis {version}, {policy}; {kept}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::State;

    #[test]
    fn a_server_that_evicts_is_old_or_takes_no_writes_is_named() {
        let good = RedisFacts {
            version: "7.2.4".to_owned(),
            maxmemory_policy: "noeviction".to_owned(),
            maxmemory: 1 << 30,
            ..RedisFacts::default()
        };
        let evicts = |maxmemory| RedisFacts {
            maxmemory_policy: "allkeys-lru".to_owned(),
            maxmemory,
            ..good.clone()
        };
        let old = RedisFacts {
            version: "5.0.3".to_owned(),
            ..good.clone()
        };
        let replica = RedisFacts {
            replica: true,
            ..good.clone()
        };
        for (facts, state) in [
            (good.clone(), State::Ok),
            (evicts(1 << 30), State::Warn),
            (evicts(0), State::Ok),
            (old, State::Warn),
            (replica, State::Fail),
        ] {
            assert_eq!(judge(&facts).state, state, "{facts:?}");
        }
    }
}
