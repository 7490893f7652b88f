//! `levqor key create`: a tenant and a key of it.

use levqor_api::Secret;
use levqor_store::{ApiKey, IdSource, KeyId, Store, Tenant, TenantId, Timestamp};
use serde_json::json;

use crate::{
    config::Config,
    system::{self, SystemIds},
    wiring,
};

const PLANS: [&str; 3] = ["sandbox", "pro", "enterprise"];

/// Prints one JSON line with `tenant`, `key_id` and `api_key`.
pub(crate) async fn create(config: &Config, tenant: &str, name: &str, plan: &str) -> anyhow::Result<()> {
    let _lines = wiring::logs(config)?;
    anyhow::ensure!(
        PLANS.contains(&plan),
        "the plan must be one of {}",
        PLANS.join(", ")
    );
    let opened = wiring::open(config).await?;
    let (id, secret) = make(opened.store.as_ref(), tenant, name, plan).await?;
    println!("{}", json!({"tenant": tenant, "key_id": id, "api_key": secret}));
    opened.close().await;
    Ok(())
}

/// Makes a key, and its tenant when there is none of that name; the key's id and its secret.
pub(crate) async fn make(
    store: &dyn Store,
    tenant: &str,
    name: &str,
    plan: &str,
) -> anyhow::Result<(KeyId, String)> {
    let tenant = if let Some(found) = store.tenant_by_name(tenant).await? {
        found
    } else {
        let new = Tenant {
            id: TenantId(SystemIds.uuid_v7()),
            name: tenant.to_owned(),
            plan: plan.to_owned(),
        };
        store.create_tenant(&new).await?;
        new
    };
    let secret = Secret::from_bytes(system::secret_bytes());
    let key = ApiKey {
        id: KeyId(SystemIds.uuid_v7()),
        tenant: tenant.id,
        name: name.to_owned(),
        hash: secret.hash,
        prefix: secret.prefix,
        plan: tenant.plan,
        created_at: Timestamp::default(),
        revoked_at: None,
    };
    store.create_key(&key).await?;
    Ok((key.id, secret.text))
}
