//! The configuration as it may be shown.

use std::fmt;

use super::{Config, Database, QueueUrl};

impl fmt::Display for Config {
    /// TOML, one setting a line; passwords and keys are replaced by `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |f: &mut fmt::Formatter<'_>, name: &str, value: &str| writeln!(f, "{name} = {value:?}");
        match &self.database {
            Database::Postgres(url) => text(f, "database_url", &without_password(url))?,
            Database::Sqlite(folder) => text(f, "database_url", &format!("sqlite:{}", folder.display()))?,
        }
        match &self.queue {
            QueueUrl::Redis(url) => text(f, "redis_url", &without_password(url))?,
            QueueUrl::Memory => text(f, "redis_url", "memory:")?,
        }
        text(f, "listen", &self.listen.to_string())?;
        if let Some(address) = self.metrics_listen {
            text(f, "metrics_listen", &address.to_string())?;
        }
        if let Some(url) = &self.public_url {
            text(f, "public_url", url)?;
        }
        if self.secret_key.is_some() {
            text(f, "secret_key", "***")?;
        }
        write!(f, "{}", self.objects)?;
        if let Some(address) = &self.operator_mail {
            text(f, "operator_mail", address)?;
        }
        write!(f, "{}", self.mail)?;
        write!(f, "{}", self.money)?;
        write!(f, "{}", self.notion)?;
        write!(f, "{}", self.stripe)?;
        writeln!(f, "intake_backlog = {}", self.intake_backlog)?;
        writeln!(f, "intake_backlog_low = {}", self.intake_backlog_low)?;
        writeln!(f, "slots = {}", self.slots)?;
        writeln!(f, "worker_lease = {}", self.worker_lease.as_secs())?;
        writeln!(f, "drain = {}", self.drain.as_secs())?;
        writeln!(f, "status_interval = {}", self.status_interval.as_secs())?;
        write!(f, "{}", self.autoscaler)?;
        writeln!(f, "allow_loopback = {}", self.allow_loopback)?;
        let networks: Vec<String> = self.egress_allow.iter().map(ToString::to_string).collect();
        text(f, "egress_allow", &networks.join(","))?;
        writeln!(f, "trust_proxy = {}", self.trust_proxy)?;
        text(f, "log", &self.log)?;
        text(f, "log_format", if self.log_json { "json" } else { "text" })?;
        if self.sentry_dsn.is_some() {
            text(f, "sentry_dsn", "***")?;
        }
        write!(f, "{}", self.traces)?;
        text(f, "environment", &self.environment)
    }
}

/// The URL with `***` for its password, in the authority and in the query.
fn without_password(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else {
        return "***".to_owned();
    };
    if parsed.password().is_some() && parsed.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    if parsed
        .query_pairs()
        .any(|(name, _)| name.eq_ignore_ascii_case("password"))
    {
        parsed.set_query(Some("***"));
    }
    parsed.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, Size};

    #[test]
    fn secrets_are_masked() {
        let settings = Settings {
            database_url: Some("postgres://ada:hunter2@db/levqor".to_owned()),
            redis_url: Some("redis://:hunter2@cache/0".to_owned()),
            secret_key: Some("ab".repeat(32)),
            sentry_dsn: Some("https://hunter2@sentry.example/1".to_owned()),
            ..Settings::default()
        };
        let shown = Config::from_settings(settings, Size::Fleet).unwrap().to_string();
        assert!(!shown.contains("hunter2") && !shown.contains("abab"), "{shown}");
        assert!(shown.contains("postgres://ada:***@db/levqor"), "{shown}");
    }

    #[test]
    fn a_password_in_the_query_is_masked_too() {
        assert!(!without_password("postgres://db/x?user=a&password=hunter2").contains("hunter2"));
    }
}
