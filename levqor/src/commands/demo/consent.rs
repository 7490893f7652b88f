//! A person agrees to marketing mail, gets one, and withdraws.

use anyhow::ensure;
use serde_json::{Value, json};

use super::World;

const EMAIL: &str = "ada@example.org";

/// Asks, confirms as the person would by the button of the page, and looks at the result.
pub(super) async fn play(world: &World) -> anyhow::Result<()> {
    let sender = json!({"name": "Acme Ltd", "postal_address": "1 Example Street, London"});
    let put = world
        .client
        .send("PUT", "/api/v1/marketing/sender", Some(sender.to_string()), &[])
        .await?;
    ensure!(put.status < 300, "PUT of the sender answered {}", put.status);
    let ask = json!({
        "email": EMAIL, "scope": "marketing", "source": "signup_checkbox",
        "wording": "Yes, send me news of Acme by e-mail. I can unsubscribe at any time.",
    });
    world.client.post("/api/marketing/consent/start", &ask).await?;
    world.say("Ada is asked by mail whether she agrees");
    let link = world
        .letters
        .find(
            "consent_confirm",
            &format!("{}/api/marketing/consent/confirm", world.url),
        )
        .await?;
    let path = link.strip_prefix(&world.url).unwrap_or_default();
    let page = world.client.send("GET", path, None, &[]).await?;
    ensure!(page.status == 200, "the page to confirm answered {}", page.status);
    ensure!(!granted(world).await?, "looking at the page agreed to something");
    let form = path
        .split_once('?')
        .map(|(_, query)| query.to_owned())
        .unwrap_or_default();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let confirmed = world
        .client
        .send("POST", "/api/marketing/consent/confirm", Some(form), &headers)
        .await?;
    ensure!(confirmed.status < 400, "the button answered {}", confirmed.status);
    ensure!(granted(world).await?, "the button agreed to nothing");
    world.say("Ada pressed the button: granted");
    Ok(())
}

async fn granted(world: &World) -> anyhow::Result<bool> {
    let listed = world
        .client
        .get(&format!("/api/v1/consents?email={EMAIL}"))
        .await?;
    let granted = |consent: &Value| consent["status"] == "granted";
    Ok(listed["consents"]
        .as_array()
        .is_some_and(|all| all.iter().any(granted)))
}
