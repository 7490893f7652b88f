//! The effective configuration: defaults, then a file, then the environment, then flags.

mod autoscaler;
mod mail;
mod masked;
mod money;
mod notion;
mod objects;
mod secrets;
mod settings;
mod stripe;
mod traces;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use config::{Environment, File, FileFormat};

pub(crate) use autoscaler::Autoscaler;
pub(crate) use mail::Mail;
pub(crate) use money::Money;
pub(crate) use notion::Notion;
pub(crate) use objects::ObjectsPlace;
pub(crate) use secrets::Secret;
pub(crate) use settings::Settings;
pub(crate) use stripe::{SecretKey, Stripe};
pub(crate) use traces::Traces;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// A server.
    Postgres(String),
    /// A folder.
    Sqlite(PathBuf),
}

/// Where the queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueueUrl {
    /// A server.
    Redis(String),
    /// Inside this process.
    Memory,
}

/// Defaults that differ between `up`/`run` and the roles of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// One process, nothing to install.
    Embedded,
    /// Roles apart on servers.
    Fleet,
    /// As the fleet, for who only works on its database.
    Schema,
}

/// What the roles are built from. Checked; secrets are masked when it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) database: Database,
    pub(crate) queue: QueueUrl,
    pub(crate) listen: SocketAddr,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) secret_key: Option<[u8; 32]>,
    /// Every secret that is set, for the doctor's comparison.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) objects: ObjectsPlace,
    pub(crate) operator_mail: Option<String>,
    pub(crate) mail: Mail,
    pub(crate) money: Money,
    pub(crate) notion: Notion,
    pub(crate) stripe: Stripe,
    pub(crate) traces: Traces,
    pub(crate) intake_backlog: u64,
    pub(crate) intake_backlog_low: u64,
    pub(crate) slots: usize,
    pub(crate) worker_lease: Duration,
    pub(crate) drain: Duration,
    pub(crate) status_interval: Duration,
    pub(crate) autoscaler: Autoscaler,
    pub(crate) allow_loopback: bool,
    pub(crate) egress_allow: Vec<ipnet::IpNet>,
    pub(crate) trust_proxy: bool,
    pub(crate) log: String,
    pub(crate) log_json: bool,
    pub(crate) sentry_dsn: Option<String>,
    pub(crate) environment: String,
}

/// File read when it exists and no other is named.
const DEFAULT_FILE: &str = "levqor.toml";

impl Config {
    /// Reads all layers. `file` must exist when it is named.
    pub(crate) fn load(flags: &Settings, file: Option<&str>, size: Size) -> anyhow::Result<Self> {
        let file = File::new(file.unwrap_or(DEFAULT_FILE), FileFormat::Toml).required(file.is_some());
        let merged: Settings = config::Config::builder()
            .add_source(file)
            .add_source(environment())
            .add_source(config::Config::try_from(flags)?)
            .build()
            .and_then(config::Config::try_deserialize)
            .context("the configuration cannot be read")?;
        Self::from_settings(merged, size)
    }

    /// Puts everything that the demo writes into its folder, and signs its Stripe events with its own secret.
    pub(crate) fn for_demo(&mut self, folder: &Path, stripe_secret: &str) -> anyhow::Result<()> {
        let settings = Settings {
            data: Some(folder.display().to_string()),
            listen: Some(self.listen.to_string()),
            log: Some("error".to_owned()),
            stripe_webhook_secrets: Some(stripe_secret.to_owned()),
            ..Settings::default()
        };
        *self = Self::from_settings(settings, Size::Embedded)?;
        Ok(())
    }

    fn from_settings(s: Settings, size: Size) -> anyhow::Result<Self> {
        let embedded = size == Size::Embedded;
        let data = s.data.clone().unwrap_or_else(|| "levqor-data".to_owned());
        let slots = within("slots", s.slots.unwrap_or(512), 1, 100_000)?;
        Ok(Self {
            secrets: secrets::of(&s),
            autoscaler: Autoscaler::new(&s, slots)?,
            mail: Mail::new(&s, &data, embedded)?,
            objects: ObjectsPlace::new(&s, &data)?,
            money: Money::new(&s)?,
            notion: Notion::new(&s)?,
            stripe: Stripe::new(&s)?,
            traces: Traces::new(&s, embedded)?,
            database: database(s.database_url, &data, size)?,
            queue: queue(s.redis_url, size)?,
            listen: address("listen", s.listen.as_deref().unwrap_or("127.0.0.1:8790"))?,
            metrics_listen: s
                .metrics_listen
                .map(|a| address("metrics_listen", &a))
                .transpose()?,
            public_url: s.public_url.map(|url| url.trim_end_matches('/').to_owned()),
            secret_key: s.secret_key.map(|hex| secret_key(&hex)).transpose()?,
            operator_mail: s.operator_mail,
            intake_backlog: s.intake_backlog.unwrap_or(20_000),
            intake_backlog_low: s.intake_backlog_low.unwrap_or(5_000_000),
            slots,
            worker_lease: seconds("worker_lease", s.worker_lease.unwrap_or(10), 4, 600)?,
            drain: seconds("drain", s.drain.unwrap_or(20), 0, 3600)?,
            status_interval: seconds("status_interval", s.status_interval.unwrap_or(300), 0, 3600)?,
            allow_loopback: s.allow_loopback.unwrap_or(embedded),
            egress_allow: networks(s.egress_allow.as_deref().unwrap_or(""))?,
            trust_proxy: s.trust_proxy.unwrap_or(false),
            log: s.log.unwrap_or_else(|| {
                if embedded {
                    "warn".to_owned()
                } else {
                    "info".to_owned()
                }
            }),
            log_json: log_json(s.log_format.as_deref(), embedded)?,
            sentry_dsn: s.sentry_dsn.filter(|dsn| !dsn.is_empty()),
            environment: s.environment.unwrap_or_else(|| "production".to_owned()),
        })
    }
}

/// Variables that name a setting; others that begin alike (a Kubernetes service called `levqor` makes some) are ignored.
#[expect(clippy::disallowed_methods, reason = "this is where the environment enters")]
fn environment() -> Environment {
    let known: Vec<String> = Settings::augment_args(clap::Command::new("levqor"))
        .get_arguments()
        .map(|argument| format!("LEVQOR_{}", argument.get_id().as_str().to_uppercase()))
        .collect();
    let variables = std::env::vars()
        .filter(|(name, _)| known.contains(name))
        .collect();
    Environment::with_prefix("LEVQOR")
        .ignore_empty(true)
        .source(Some(variables))
}

fn database(url: Option<String>, data: &str, size: Size) -> anyhow::Result<Database> {
    match url {
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(Database::Postgres(url))
        }
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(folder) => Ok(Database::Sqlite(folder.into())),
            None => bail!("database_url must begin with postgres:// or sqlite:"),
        },
        None if size == Size::Embedded => Ok(Database::Sqlite(data.into())),
        None => bail!(
            "no database: set --database-url or LEVQOR_DATABASE_URL to postgres://…, or use `levqor up`"
        ),
    }
}

fn queue(url: Option<String>, size: Size) -> anyhow::Result<QueueUrl> {
    match url {
        Some(url) if url.starts_with("redis://") || url.starts_with("rediss://") => Ok(QueueUrl::Redis(url)),
        Some(url) if url == "memory:" && size != Size::Fleet => Ok(QueueUrl::Memory),
        Some(url) if url == "memory:" => {
            bail!("redis_url memory: is inside one process; roles apart need redis://…")
        }
        Some(_) => bail!("redis_url must begin with redis:// or rediss://"),
        None if size != Size::Fleet => Ok(QueueUrl::Memory),
        None => bail!("no queue: set --redis-url or LEVQOR_REDIS_URL to redis://…"),
    }
}

fn address(name: &str, text: &str) -> anyhow::Result<SocketAddr> {
    text.parse().with_context(|| {
        format!("{name} must be an address and a port, such as 127.0.0.1:8790; it is {text:?}")
    })
}

fn secret_key(text: &str) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key)
        .context("secret_key must be 64 hexadecimal digits; `openssl rand -hex 32` makes one")?;
    Ok(key)
}

fn within(name: &str, value: usize, least: usize, most: usize) -> anyhow::Result<usize> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        bail!("{name} must be {least} to {most}; it is {value}")
    }
}

fn seconds(name: &str, value: u64, least: u64, most: u64) -> anyhow::Result<Duration> {
    if (least..=most).contains(&value) {
        Ok(Duration::from_secs(value))
    } else {
        bail!("{name} must be {least} to {most} seconds; it is {value}")
    }
}

fn networks(text: &str) -> anyhow::Result<Vec<ipnet::IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse()
                .with_context(|| format!("egress_allow: {part:?} is not a network in CIDR form"))
        })
        .collect()
}

fn log_json(form: Option<&str>, embedded: bool) -> anyhow::Result<bool> {
    match form {
        None => Ok(!embedded),
        Some("json") => Ok(true),
        Some("text") => Ok(false),
        Some(other) => bail!("log_format must be text or json; it is {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(database: Option<&str>, redis: Option<&str>) -> Settings {
        Settings {
            database_url: database.map(str::to_owned),
            redis_url: redis.map(str::to_owned),
            ..Settings::default()
        }
    }

    #[test]
    fn embedded_needs_nothing() {
        let config = Config::from_settings(Settings::default(), Size::Embedded).unwrap();
        assert_eq!(config.database, Database::Sqlite("levqor-data".into()));
        assert_eq!(config.queue, QueueUrl::Memory);
        assert!(config.allow_loopback);
    }

    #[test]
    fn a_fleet_needs_a_database_and_a_queue_and_says_which_is_missing() {
        let error = Config::from_settings(Settings::default(), Size::Fleet)
            .unwrap_err()
            .to_string();
        assert!(error.contains("LEVQOR_DATABASE_URL"), "{error}");
        let error = Config::from_settings(settings(Some("postgres://h/d"), None), Size::Fleet).unwrap_err();
        assert!(error.to_string().contains("LEVQOR_REDIS_URL"), "{error}");
        let config =
            Config::from_settings(settings(Some("postgres://h/d"), Some("redis://h")), Size::Fleet).unwrap();
        assert!(!config.allow_loopback);
    }

    #[test]
    fn the_schema_needs_a_database_and_no_queue() {
        let error = Config::from_settings(Settings::default(), Size::Schema)
            .unwrap_err()
            .to_string();
        assert!(error.contains("LEVQOR_DATABASE_URL"), "{error}");
        let config = Config::from_settings(settings(Some("postgres://h/d"), None), Size::Schema).unwrap();
        assert_eq!(config.queue, QueueUrl::Memory);
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let cases = [
            (
                Settings {
                    slots: Some(0),
                    ..Settings::default()
                },
                "slots",
            ),
            (
                Settings {
                    listen: Some("8790".to_owned()),
                    ..Settings::default()
                },
                "listen",
            ),
            (
                Settings {
                    secret_key: Some("abc".to_owned()),
                    ..Settings::default()
                },
                "secret_key",
            ),
            (
                Settings {
                    egress_allow: Some("10.0.0.0/40".to_owned()),
                    ..Settings::default()
                },
                "egress_allow",
            ),
            (
                Settings {
                    log_format: Some("xml".to_owned()),
                    ..Settings::default()
                },
                "log_format",
            ),
            (settings(Some("mysql://h"), None), "database_url"),
        ];
        for (settings, name) in cases {
            let error = Config::from_settings(settings, Size::Embedded)
                .unwrap_err()
                .to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
