//! `levqor retention sweep`: the steps of the nightly process, in this one.

use std::{sync::Arc, time::Duration};

use levqor_entities::ids::SweepId;
use levqor_platform::Platform;
use levqor_queue::{MemoryQueue, Queue};
use levqor_retention::{Certified, Pace, begin, certify, install};
use levqor_store::IdSource;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{commands::up, config::Config, shutdown::Asked, system::SystemIds, wiring};

/// Longest a sweep goes on.
const LONGEST: Duration = Duration::from_hours(24);

/// Sweeps and certifies; whether nothing was left. SIGTERM and Ctrl-C end it after the batch under way, and what was done is
/// certified.
pub(super) async fn sweep(mut config: Config, fast: bool, as_json: bool) -> anyhow::Result<bool> {
    config.secret_key = Some(up::secret_key(&config)?);
    let opened = wiring::open(&config).await?;
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    // Nothing is started here, so nobody is to be rung.
    let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new());
    let platform = wiring::platform(&config, &opened.store, &queue, &ids);
    install(&platform.db).await?;
    let id = SweepId(ids.uuid_v7());
    let certified = run(&platform, id, if fast { Pace::FAST } else { Pace::default() }).await?;
    opened.close().await;
    print(id, &certified, as_json);
    Ok(certified.complete)
}

async fn run(platform: &Platform, id: SweepId, pace: Pace) -> anyhow::Result<Certified> {
    let stop = CancellationToken::new();
    let (mut asked, told) = (Asked::listen()?, stop.clone());
    tokio::spawn(async move {
        asked.wait().await;
        told.cancel();
    });
    for dataset in begin(platform, id, LONGEST).await? {
        if stop.is_cancelled() {
            break;
        }
        let swept = levqor_retention::sweep(platform, id, dataset, &pace, |_| !stop.is_cancelled()).await;
        if let Err(error) = swept {
            // The others are not held up; the certificate says that this one is not complete.
            tracing::error!(dataset, %error, "a rule cannot be applied");
        }
    }
    Ok(certify(platform, id).await?)
}

fn print(id: SweepId, certified: &Certified, as_json: bool) {
    let Certified {
        number,
        tenants,
        rows,
        objects,
        complete,
    } = certified;
    if as_json {
        let line = json!({
            "sweep": id, "certificate": number, "tenants": tenants, "rows": rows, "objects": objects,
            "complete": complete,
        });
        println!("{line}");
    } else {
        let left = if *complete {
            "nothing was left"
        } else {
            "something was left"
        };
        println!("{rows} rows and {objects} objects of {tenants} tenants went; {left}; certificate {number}");
    }
}
