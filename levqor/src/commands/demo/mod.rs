//! `levqor demo`: believable data, and a month of it played in seconds on a clock that is turned. All goes through the
//! HTTP API and the files that mails become, as it would from outside.

mod client;
mod clock;
mod consent;
mod dsar;
mod dunning;
mod letters;

use std::{path::PathBuf, sync::Arc, time::Instant};

use clap::Args;
use levqor_platform::Platform;
use levqor_store::{Clock, TenantId};
use serde_json::json;

use self::{client::Client, clock::TurnedClock, letters::Letters};
use super::embedded::Embedded;
use crate::{config::Config, shutdown::Asked, system, wiring};

/// What `levqor demo` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArgs {
    /// End when all is played, rather than serve
    #[arg(long)]
    exit: bool,
    /// Print one JSON object when all is played: `dunning`, `mails`, `dsar`, `elapsed_ms`
    #[arg(long)]
    json: bool,
    /// New folder for its data, mails and the package [default: one in the system's temporary folder]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// What the scenes play in.
pub(super) struct World {
    platform: Platform,
    tenant: TenantId,
    client: Client,
    letters: Letters,
    clock: Arc<TurnedClock>,
    url: String,
    folder: PathBuf,
    stripe_secret: String,
    quiet: bool,
}

impl World {
    /// Tells what happens, and when.
    fn say(&self, what: &str) {
        if !self.quiet {
            let at = jiff::Timestamp::from_microsecond(self.clock.now().0).unwrap_or_default();
            println!("  {}  {what}", at.strftime("%Y-%m-%d %H:%M"));
        }
    }

    /// Turns the clock to an RFC 3339 time.
    fn turn_to(&self, time: &str) -> anyhow::Result<()> {
        self.clock.turn_to(dunning::moment(time)?);
        Ok(())
    }
}

/// Plays, then serves or ends.
pub(crate) async fn demo(mut config: Config, arguments: &DemoArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let folder = folder(arguments)?;
    let stripe_secret = format!("whsec_{}", hex::encode(system::secret_bytes()));
    config.for_demo(&folder, &stripe_secret)?;
    // Kept in the folder, so that what the demo signed can be verified there later.
    config.secret_key = Some(super::up::secret_key(&config)?);
    let _lines = wiring::logs(&config)?;
    let clock = Arc::new(TurnedClock::default());
    let (embedded, key, url) = start(config, &folder, clock.clone()).await?;
    let world = world(
        &embedded,
        &key,
        &url,
        clock,
        folder,
        stripe_secret,
        arguments.json,
    )
    .await?;
    world.say("the demo begins: its clock shows this time and is turned from here");
    let outcome = play(&world).await;
    let outcome = outcome.map(|(dunning, mails, dsar)| {
        json!({
            "dunning": dunning, "mails": mails, "dsar": dsar,
            "elapsed_ms": u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    });
    if let (Ok(outcome), true) = (&outcome, arguments.json) {
        println!("{outcome}");
    }
    if arguments.exit || outcome.is_err() {
        embedded.stop().await;
        return outcome.map(drop);
    }
    let asked = Asked::listen()?;
    look_around(&world, &key);
    embedded.serve(asked).await
}

/// The folder that is named, which must be new or empty, or a new one in the system's temporary folder. It stays: what
/// the demo made is to be looked at.
fn folder(arguments: &DemoArgs) -> anyhow::Result<PathBuf> {
    let Some(folder) = &arguments.folder else {
        return Ok(tempfile::Builder::new().prefix("levqor-demo-").tempdir()?.keep());
    };
    std::fs::create_dir_all(folder)?;
    anyhow::ensure!(
        std::fs::read_dir(folder)?.next().is_none(),
        "{} is not empty; the demo begins in a new folder",
        folder.display()
    );
    Ok(folder.clone())
}

type Played = (Vec<String>, std::collections::BTreeMap<String, u64>, PathBuf);

async fn play(world: &World) -> anyhow::Result<Played> {
    let dsar = dsar::play(world).await?;
    consent::play(world).await?;
    let states = dunning::play(world).await?;
    world.letters.settle().await?;
    Ok((states, world.letters.counts().await?, dsar))
}

async fn start(
    config: Config,
    folder: &std::path::Path,
    clock: Arc<TurnedClock>,
) -> anyhow::Result<(Embedded, String, String)> {
    let listener = super::up::listen(&config).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let opened = wiring::open_at(folder, clock).await?;
    let (_, key) = super::key::make(opened.store.as_ref(), "acme", "demo", "enterprise").await?;
    let mut config = config;
    config.public_url = Some(url.clone());
    let parts = wiring::Parts::new(config, "all", opened.store.clone()).await?;
    Ok((Embedded::start(parts, opened, listener).await?, key, url))
}

async fn world(
    embedded: &Embedded,
    key: &str,
    url: &str,
    clock: Arc<TurnedClock>,
    folder: PathBuf,
    stripe_secret: String,
    quiet: bool,
) -> anyhow::Result<World> {
    let parts = &embedded.parts;
    let tenant = parts.store.tenant_by_name("acme").await?;
    let tenant = tenant.ok_or_else(|| anyhow::anyhow!("the demo's tenant is not there"))?;
    let client = Client::new(parts.egress.clone(), url, key);
    Ok(World {
        platform: parts.platform.clone(),
        tenant: tenant.id,
        letters: Letters {
            folder: folder.join("mail"),
            db: parts.platform.db.clone(),
        },
        client,
        clock,
        url: url.to_owned(),
        folder,
        stripe_secret,
        quiet,
    })
}

fn look_around(world: &World, key: &str) {
    if world.quiet {
        return;
    }
    let (url, folder) = (&world.url, world.folder.display());
    println!(
        "
The server is up on {url}, its clock where the demo left it. Data, mails and the package are in {folder}.

  curl -sS {url}/api/billing/status -H 'Authorization: Bearer {key}'
  curl -sS {url}/api/v1/mails -H 'Authorization: Bearer {key}'
  curl -sS '{url}/api/v1/consents' -H 'Authorization: Bearer {key}'
  curl -sS {url}/api/v1/audit -H 'Authorization: Bearer {key}'
  curl -sS {url}/api/v1/runs -H 'Authorization: Bearer {key}'

Ctrl-C ends."
    );
}
