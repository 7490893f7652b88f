//! `levqor billing`: what the operator decides about tenants' bills. Each prints one JSON line.

mod status;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;
use levqor_billing::{Payer, hold, install_policy, latest_policy, link, release};
use levqor_platform::Platform;
use levqor_store::{IdSource, TenantId, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::{config::Config, system::SystemIds, wiring};

/// Bills of tenants.
#[derive(Subcommand, Debug)]
pub(crate) enum BillingCommand {
    /// Say which customer of Stripe pays for a tenant, and where letters go
    Link {
        /// Tenant's name
        #[arg(long)]
        tenant: String,
        /// Stripe's id of the customer
        #[arg(long, value_name = "cus_…")]
        customer: String,
        /// Address that gets the letters
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Language tag of the letters
        #[arg(long, value_name = "TAG")]
        locale: Option<String>,
    },
    /// Print what a tenant owes, and what of Stripe's events waits
    Status {
        /// Tenant's name
        #[arg(long)]
        tenant: String,
    },
    /// Let a tenant be until a day: payment is promised, so nothing goes on and it may start runs
    Hold {
        /// Tenant's name
        #[arg(long)]
        tenant: String,
        /// The last day (UTC), such as 2026-12-24
        #[arg(long, value_name = "DAY")]
        until: String,
        /// Why, for the audit trail
        #[arg(long)]
        reason: String,
    },
    /// End a hold before its day
    Release {
        /// Tenant's name
        #[arg(long)]
        tenant: String,
    },
    /// Print the policy of dunning, or store a new version of it; invoices past due keep theirs
    Policy {
        /// File of JSON in the form that is printed
        file: Option<PathBuf>,
    },
}

/// Does it.
pub(crate) async fn billing(config: &Config, command: &BillingCommand) -> anyhow::Result<()> {
    let _lines = wiring::logs(config)?;
    if let BillingCommand::Status { tenant } = command {
        return status::status(config, tenant).await;
    }
    let opened = wiring::open(config).await?;
    let queue = wiring::queue(&config.queue)?;
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    let platform = wiring::platform(config, &opened.store, &queue, &ids);
    let find = async |name: &str| {
        let found = opened.store.tenant_by_name(name).await?;
        Ok::<_, anyhow::Error>(found.with_context(|| format!("there is no tenant {name}"))?.id)
    };
    let done = match command {
        BillingCommand::Link {
            tenant,
            customer,
            email,
            locale,
        } => {
            let payer = Payer {
                customer: customer.clone(),
                email: email.clone(),
                locale: locale.clone(),
            };
            link(&platform, find(tenant).await?, &payer).await?;
            json!({"tenant": tenant, "customer": customer})
        }
        BillingCommand::Hold {
            tenant,
            until,
            reason,
        } => {
            let end = end_of(until)?;
            linked(tenant, hold(&platform, find(tenant).await?, end, reason).await?)?;
            json!({"tenant": tenant, "hold_until": until})
        }
        BillingCommand::Release { tenant } => released(&platform, tenant, find(tenant).await?).await?,
        BillingCommand::Policy { file } => policy(&platform, file.as_ref()).await?,
        BillingCommand::Status { .. } => Value::Null,
    };
    println!("{done}");
    opened.close().await;
    Ok(())
}

async fn released(platform: &Platform, name: &str, tenant: TenantId) -> anyhow::Result<Value> {
    linked(name, release(platform, tenant).await?)?;
    Ok(json!({"tenant": name}))
}

async fn policy(platform: &Platform, file: Option<&PathBuf>) -> anyhow::Result<Value> {
    if let Some(file) = file {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        install_policy(&platform.db, &text)
            .await
            .with_context(|| file.display().to_string())?;
    }
    let (version, policy) = latest_policy(&platform.db).await?;
    Ok(json!({"version": version, "stages": policy.stages}))
}

fn linked(name: &str, linked: bool) -> anyhow::Result<()> {
    if linked {
        Ok(())
    } else {
        bail!("nobody pays for tenant {name}: `levqor billing link` says who does")
    }
}

/// The end of a day, which is the start of the next.
fn end_of(day: &str) -> anyhow::Result<Timestamp> {
    let day: jiff::civil::Date = day
        .parse()
        .with_context(|| format!("{day:?} is no day such as 2026-12-24"))?;
    let next = day.tomorrow()?.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Timestamp(next.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_lasts_to_the_end_of_its_day() {
        assert_eq!(end_of("2026-01-31").unwrap(), Timestamp(1_769_904_000_000_000));
        assert!(end_of("31 January").is_err());
    }
}
