//! Every setting, once: a flag, an environment variable `LEVQOR_…` and a key of the file.

use clap::Args;
use serde::{Deserialize, Serialize};

/// Settings as written; what is absent takes its default in [`super::Config`].
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Database: `postgres://user:password@host/name`, or `sqlite:FOLDER`
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database_url: Option<String>,

    /// Queue: `redis://host/0`, or `memory:` inside one process
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redis_url: Option<String>,

    /// Address the API listens on; port 0 takes a free one [default: 127.0.0.1:8790]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<String>,

    /// Address a worker or scheduler serves /metrics and /health on; off when absent
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_listen: Option<String>,

    /// Folder of the embedded database [default: levqor-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<String>,

    /// URL under which callers reach the API, for links in answers [default: <http://LISTEN>]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_url: Option<String>,

    /// Secret of the installation, 64 hexadecimal digits: signs callbacks
    #[arg(long, global = true, value_name = "HEX")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_key: Option<String>,

    /// Where exports and reports go: a folder, or `s3://BUCKET?region=REGION`, with `&endpoint=URL` when it is not AWS's
    /// [default: DATA/objects]
    #[arg(long, global = true, value_name = "PLACE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) objects: Option<String>,

    /// Id of the access key to the bucket
    #[arg(long, global = true, value_name = "ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_access_key: Option<String>,

    /// Secret of the access key to the bucket
    #[arg(long, global = true, value_name = "SECRET")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) s3_secret_key: Option<String>,

    /// Address that gets the operator's reports; none are mailed when absent
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator_mail: Option<String>,

    /// How mail leaves: `folder` (files in DATA/mail), `resend`, `smtps://user:password@host`, `smtp://…` or `off` [default:
    /// off; folder under `up` and `run`]
    #[arg(long, global = true, value_name = "HOW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail: Option<String>,

    /// Who sends mail, such as `Levqor <noreply@example.org>`; needed by all but `folder`
    #[arg(long, global = true, value_name = "MAILBOX")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail_from: Option<String>,

    /// Address that takes unsubscribe mails, named in marketing mail beside the link
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail_unsubscribe: Option<String>,

    /// Secret of Resend's API
    #[arg(long, global = true, value_name = "KEY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resend_api_key: Option<String>,

    /// URL of Resend's API [default: <https://api.resend.com>]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resend_url: Option<String>,

    /// Secret of Resend's webhook, `whsec_…`; several separated by commas while one is replaced
    #[arg(long, global = true, value_name = "SECRET")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resend_webhook_secret: Option<String>,

    /// Secret of a Notion integration; nothing is sent to Notion when absent
    #[arg(long, global = true, value_name = "TOKEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notion_token: Option<String>,

    /// Notion data sources by dataset, `runs=ID,health=ID,…`: runs, health, cost, pulse, integrity, `api_keys`,
    /// `partner_registry`, `marketplace_catalog`, `marketplace_sales`, `audit_logs`
    #[arg(long, global = true, value_name = "NAME=ID,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notion_databases: Option<String>,

    /// Where Notion's API is [default: <https://api.notion.com>]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notion_url: Option<String>,

    /// Secrets of Stripe's webhook endpoint, `whsec_…`, separated by commas; several while one is rolled
    #[arg(long, global = true, value_name = "SECRET,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stripe_webhook_secrets: Option<String>,

    /// Secret or restricted key of Stripe, `sk_…` or `rk_…`; makes sessions of the customer portal
    #[arg(long, global = true, value_name = "KEY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stripe_secret_key: Option<String>,

    /// Where Stripe's API is [default: <https://api.stripe.com>]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stripe_url: Option<String>,

    /// Currency of the books, ISO 4217; it must stay what it is once runs have ended [default: GBP]
    #[arg(long, global = true, value_name = "CODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,

    /// What an hour of a worker's time costs, in millionths of a minor unit (of a penny) [default: 4000000]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_worker_hour: Option<i64>,

    /// What an attempt of `call: http` costs, in millionths of a minor unit [default: 100]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_call: Option<i64>,

    /// What a mail costs, in millionths of a minor unit [default: 40000]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_mail: Option<i64>,

    /// What a completed run is worth whose document does not say, by plan, in minor units, `pro=2,enterprise=5` [default: 0]
    #[arg(long, global = true, value_name = "PLAN=N,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan_values: Option<String>,

    /// Most runs of the priorities high and normal, each, that wait for a worker: with more, new ones are refused with 503, with
    /// half of it batches are; 0 is no bound [default: 20000]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intake_backlog: Option<u64>,

    /// The same for the priority low, which is for bulk, and for all priorities while no worker is alive; 0 is no bound
    /// [default: 5000000]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intake_backlog_low: Option<u64>,

    /// Runs a worker holds at once [default: 512]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slots: Option<usize>,

    /// Seconds without a beat after which a worker is dead, at least 4 [default: 10]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) worker_lease: Option<u64>,

    /// Seconds running activities get to finish at SIGTERM [default: 20]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drain: Option<u64>,

    /// Seconds between two snapshots of the service's status, at most 3600; 0 takes none [default: 300]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_interval: Option<u64>,

    /// Decide how many workers there should be, and publish it as `levqor_desired_workers` [default: yes]
    #[arg(long, global = true, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler: Option<bool>,

    /// Fewest workers to ask for [default: 1]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_min: Option<usize>,

    /// Most workers to ask for [default: 10]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_max: Option<usize>,

    /// `auto`, or `stabilize` to hold the workers there are [default: auto]
    #[arg(long, global = true, value_name = "MODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_mode: Option<String>,

    /// Most that all workers may cost an hour, in minor units, at `price_worker_hour` each; no limit when absent
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_budget: Option<i64>,

    /// What an hour of waiting of a run costs whose document does not say, in minor units [default: 100]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_delay_cost: Option<i64>,

    /// Seconds from asking for a worker until it takes work [default: 45]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_startup: Option<u64>,

    /// Seconds that fewer workers must have been enough before fewer are asked for [default: 300]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_down_after: Option<u64>,

    /// Seconds between two decisions [default: 15]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autoscaler_interval: Option<u64>,

    /// Let workflows and callbacks call loopback addresses [default: no; yes under `up` and `run`]
    #[arg(long, global = true, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allow_loopback: Option<bool>,

    /// Networks that outgoing calls may reach although they are private, comma-separated CIDR
    #[arg(long, global = true, value_name = "CIDR,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) egress_allow: Option<String>,

    /// Believe X-Forwarded-For of a proxy in front [default: no]
    #[arg(long, global = true, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust_proxy: Option<bool>,

    /// Log directives [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,

    /// Log form: text or json [default: json; text under `up` and `run`]
    #[arg(long, global = true, value_name = "FORM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_format: Option<String>,

    /// Sentry project to report errors and panics to; off when absent
    #[arg(long, global = true, value_name = "DSN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sentry_dsn: Option<String>,

    /// Collector that traces go to by OTLP over HTTP, such as `http://collector:4318`; none are recorded when absent
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) otlp_endpoint: Option<String>,

    /// Headers for the collector, `name=value,…`; they may hold secrets
    #[arg(long, global = true, value_name = "NAME=VALUE,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) otlp_headers: Option<String>,

    /// Share of the traces begun here that is recorded, 0 to 1; a caller decides about its own, but 0 records none [default:
    /// 0.01; 1 under `up` and `run`]
    #[arg(long, global = true, value_name = "SHARE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_ratio: Option<f64>,

    /// Name of this installation in error reports and traces [default: production]
    #[arg(long, global = true, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
}
