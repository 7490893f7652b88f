//! One key stands for one request.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use levqor_tests::{Embedded, Fleet, Role, noop};
use serde_json::json;

async fn hundred_posts_of_one_key(client: &levqor_tests::Client) -> Result<()> {
    client.store(&noop()).await?;
    let body = json!({"workflow": "test/noop", "payload": {"n": 1}, "idempotency_key": "one"});
    let answers = try_join_all((0..100).map(|_| client.post("/api/v1/intake", &body))).await?;
    ensure!(answers.iter().all(|(status, _)| *status == 202), "{answers:?}");
    let ids: HashSet<_> = answers
        .iter()
        .filter_map(|(_, body)| body["job_id"].as_str())
        .collect();
    ensure!(ids.len() == 1, "{} runs for one key", ids.len());

    let other = json!({"workflow": "test/noop", "payload": {"n": 2}, "idempotency_key": "one"});
    let (status, problem) = client.post("/api/v1/intake", &other).await?;
    ensure!(
        status == 409 && problem["code"] == "idempotency_conflict",
        "{status} {problem}"
    );

    let (_, list) = client.get("/api/v1/runs").await?;
    ensure!(
        list["runs"].as_array().is_some_and(|runs| runs.len() == 1),
        "{list}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_posts_of_one_key_start_one_run_embedded() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    hundred_posts_of_one_key(&server.client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_posts_of_one_key_start_one_run_on_postgres() -> Result<()> {
    let fleet = Fleet::prepare().await?;
    fleet.add(Role::Api).await?;
    hundred_posts_of_one_key(&fleet.client).await
}
