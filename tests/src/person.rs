//! A person of a tenant.

use anyhow::{Context, Result};
use serde_json::json;

use crate::Client;

/// Makes a person with this address known to a tenant: their id, and a client that acts for them.
pub async fn person(tenant: &Client, email: &str) -> Result<(String, Client)> {
    let (_, known) = tenant
        .post("/api/v1/users/upsert", &json!({"email": email, "name": "Ada"}))
        .await?;
    let user = known["user"]["id"]
        .as_str()
        .with_context(|| format!("no user in {known}"))?
        .to_owned();
    let (_, issued) = tenant
        .post(&format!("/api/v1/users/{user}/tokens"), &json!({}))
        .await?;
    let token = issued["token"]
        .as_str()
        .with_context(|| format!("no token in {issued}"))?;
    Ok((user, Client::new(tenant.url(), token)?))
}
