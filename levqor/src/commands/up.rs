//! `levqor up`: API, worker and scheduler in one process.

mod data;

use anyhow::Context;
use levqor_store::Store;
use serde_json::json;
use tokio::net::TcpListener;

use super::embedded::Embedded;
use crate::{
    config::{Config, Database},
    shutdown::Asked,
    wiring,
};

/// Serves until SIGTERM or Ctrl-C, then drains.
pub(crate) async fn up(mut config: Config, as_json: bool) -> anyhow::Result<()> {
    let _lines = wiring::logs(&config)?;
    anyhow::ensure!(
        matches!(config.database, Database::Sqlite(_)),
        "`up` is the embedded size and keeps its data in a folder; on Postgres start `levqor api`, `worker` and `scheduler`"
    );
    let listener = listen(&config).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let opened = wiring::open(&config).await?;
    config.secret_key = Some(secret_key(&config)?);
    let key = first_key(&config, opened.store.as_ref()).await?;
    config.public_url.get_or_insert_with(|| url.clone());
    let told = Told {
        url,
        key,
        loopback: config.allow_loopback,
        data: place(&config),
        mail: config.mail.way(),
    };
    let parts = wiring::Parts::new(config, "all", opened.store.clone()).await?;
    let embedded = Embedded::start(parts, opened, listener).await?;
    let asked = Asked::listen()?;
    told.print(as_json);
    embedded.serve(asked).await
}

/// Binds, or says in words why not.
pub(crate) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = config.listen;
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                anyhow::anyhow!(
                    "{address} is in use by another program; choose another with --listen, e.g. 127.0.0.1:0"
                )
            }
            _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
        })
}

/// The installation's secret key: the configuration's, or the one that `up` made and keeps in its data folder.
pub(crate) fn secret_key(config: &Config) -> anyhow::Result<[u8; 32]> {
    config.secret_key.map_or_else(|| data::secret_key(config), Ok)
}

/// The key of the first start, kept in the data folder; a new one when the file is gone or no longer opens anything.
async fn first_key(config: &Config, store: &dyn Store) -> anyhow::Result<String> {
    if let Some(key) = data::stored_key(config)?
        && opens(store, &key).await?
    {
        return Ok(key);
    }
    let (_, key) = super::key::make(store, "default", "up", "enterprise").await?;
    data::store_key(config, &key).context("the key cannot be kept")?;
    Ok(key)
}

/// Whether the key is one of this database and not revoked.
async fn opens(store: &dyn Store, key: &str) -> anyhow::Result<bool> {
    let Some(hash) = levqor_api::lookup_hash(key) else {
        return Ok(false);
    };
    Ok(store
        .key_by_hash(&hash)
        .await?
        .is_some_and(|key| key.revoked_at.is_none()))
}

fn place(config: &Config) -> String {
    match &config.database {
        Database::Sqlite(folder) => folder.display().to_string(),
        Database::Postgres(_) => String::new(),
    }
}

/// What a newcomer needs to know.
struct Told {
    url: String,
    key: String,
    loopback: bool,
    data: String,
    mail: String,
}

impl Told {
    fn print(&self, as_json: bool) {
        let Self {
            url,
            key,
            loopback,
            data,
            mail,
        } = self;
        if as_json {
            println!("{}", json!({"url": url, "api_key": key}));
            return;
        }
        let calls = if *loopback {
            "allowed (this is `up`)"
        } else {
            "refused"
        };
        println!(
            "Levqor {version} is up: API, worker and scheduler in one process.

  address    {url}
  API key    {key}
  API docs   {url}/docs
  data       {data}
  mail       {mail}
  loopback   calls of workflows to loopback addresses are {calls}; other private networks are refused

Run an example:

  curl -sS {url}/api/v1/workflows -H 'Authorization: Bearer {key}' -H 'content-type: application/yaml' --data-binary @examples/hello.yaml && curl -sS {url}/api/v1/intake -H 'Authorization: Bearer {key}' -H 'content-type: application/json' -d '{{\"workflow\": \"examples/hello\", \"payload\": {{\"name\": \"Ada\"}}}}'

Ctrl-C lets running steps finish and ends.",
            version = env!("CARGO_PKG_VERSION")
        );
    }
}
