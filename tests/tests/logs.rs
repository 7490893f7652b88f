//! What a server writes about its requests.

use std::time::Duration;

use anyhow::{Result, ensure};
use levqor_testkit::TempFolder;
use levqor_tests::Embedded;
use reqwest::Method;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_request_is_one_json_line_with_address_and_user_agent_and_without_the_key() -> Result<()> {
    let folder = TempFolder::new()?;
    let environment = [("LEVQOR_LOG", "info"), ("LEVQOR_LOG_FORMAT", "json")];
    let server = Embedded::start_with(folder.path(), &environment).await?;
    let agent = r#"check/1.0 ("quoted" \ {"level":"ERROR"})"#;
    let request = server
        .client
        .request(Method::GET, "/api/v1/runs?limit=3")
        .header("user-agent", agent)
        .header("x-request-id", "request-of-the-log-test")
        .header("x-forwarded-for", "203.0.113.9");
    ensure!(request.send().await?.status() == 200);
    let line = server
        .process
        .wait_for_line("request-of-the-log-test", SOON)
        .await?;
    let said: Value = serde_json::from_str(&line)?;
    for (member, expected) in [
        ("level", json!("INFO")),
        ("target", json!("levqor_api::access")),
        ("method", json!("GET")),
        ("path", json!("/api/v1/runs")),
        ("operation", json!("listRuns")),
        ("status", json!(200)),
        // Nobody was told to believe X-Forwarded-For.
        ("address", json!("127.0.0.1")),
        ("user_agent", json!(agent)),
        ("request_id", json!("request-of-the-log-test")),
    ] {
        ensure!(said[member] == expected, "{member} in {line}");
    }
    for member in ["timestamp", "tenant"] {
        ensure!(said[member].is_string(), "{member} in {line}");
    }
    ensure!(said["took_us"].is_u64(), "{line}");
    ensure!(
        !server.process.stderr().contains(server.client.key()),
        "the key is in the log"
    );
    let lines = server.process.stderr();
    ensure!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object())),
        "not JSON:\n{lines}"
    );
    Ok(())
}
