//! What the Redis server says of itself, for the operator's checks.

use std::time::Duration;

use redis::cmd;

use super::link::Link;
use crate::QueueError;

/// A Redis or Valkey server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisFacts {
    /// As it writes it, such as `7.2.4`; Valkey tells the version of Redis that it is compatible with.
    pub version: String,
    /// What it does when its memory is full, such as `noeviction`.
    pub maxmemory_policy: String,
    /// Bytes it may use; 0 without a limit.
    pub maxmemory: u64,
    /// Bytes it uses.
    pub used_memory: u64,
    /// Whether it writes each change to a file.
    pub appends: bool,
    /// Whether it is a replica, which takes no writes.
    pub replica: bool,
}

impl RedisFacts {
    /// Asks the server at this address (`redis://` or `rediss://`), for at most `patience`.
    ///
    /// # Errors
    /// The address cannot be read, or the server does not answer or refuses INFO.
    pub async fn ask(url: &str, patience: Duration) -> Result<Self, QueueError> {
        let link = Link::new(url, patience)?;
        let info = cmd("INFO");
        let text = link
            .ask(async |link| info.query_async::<String>(link).await)
            .await?;
        Ok(Self::read(&text))
    }

    /// From the answer to INFO: lines of `name:value`.
    fn read(info: &str) -> Self {
        let value = |name: &str| {
            let line = info
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_default().trim().to_owned()
        };
        Self {
            version: value("redis_version"),
            maxmemory_policy: value("maxmemory_policy"),
            maxmemory: value("maxmemory").parse().unwrap_or(0),
            used_memory: value("used_memory").parse().unwrap_or(0),
            appends: value("aof_enabled") == "1",
            replica: value("role") == "slave",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_is_read_by_whole_names() {
        let info = "# Server\r\nredis_version:7.2.4\r\n# Memory\r\nused_memory:1024\r\nused_memory_human:1K\r\n\
                    maxmemory:2048\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\nrole:slave\r\n";
        let expected = RedisFacts {
            version: "7.2.4".to_owned(),
            maxmemory_policy: "allkeys-lru".to_owned(),
            maxmemory: 2_048,
            used_memory: 1_024,
            appends: true,
            replica: true,
        };
        assert_eq!(RedisFacts::read(info), expected);
        assert_eq!(RedisFacts::read(""), RedisFacts::default());
    }
}
