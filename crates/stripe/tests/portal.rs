//! What Stripe gets, and what comes of what it says: a local server stands in for it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use levqor_billing::{Portal, PortalError};
use levqor_egress::{Egress, Policy};
use levqor_stripe::Client;
use levqor_testkit::{Answer, LocalServer, Recorded};

/// A session as Stripe's API shows it (its reference, The portal session object).
const SESSION: &str = r#"{"id": "bps_1", "object": "billing_portal.session", "configuration": "bpc_1",
    "created": 1700000000, "customer": "cus_1", "customer_account": null, "flow": null, "livemode": false,
    "locale": null, "on_behalf_of": null, "return_url": "https://levqor.test/",
    "url": "https://billing.stripe.com/p/session/test_1"}"#;

fn client(server: &LocalServer) -> Client {
    let egress = Egress::new(Policy {
        allow_loopback: true,
        ..Policy::default()
    });
    Client::new(egress, "sk_test_secret".to_owned(), Some(&server.url()))
}

async fn ask(
    answer: impl Fn(&Recorded) -> Answer + Send + Sync + 'static,
) -> Result<(Result<String, PortalError>, Vec<Recorded>)> {
    let server = LocalServer::start(answer).await?;
    let got = client(&server)
        .session("cus_1", "https://levqor.test/", "levqor/portal/cus_1/7")
        .await;
    Ok((got, server.requests()))
}

#[tokio::test]
async fn domain_4_8_a_session_is_asked_for_once_under_our_key_and_version() -> Result<()> {
    let (url, requests) = ask(|_| Answer::json(SESSION)).await?;
    assert_eq!(url?, "https://billing.stripe.com/p/session/test_1");
    let [request] = requests.as_slice() else {
        anyhow::bail!("{} requests", requests.len())
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/v1/billing_portal/sessions")
    );
    for (name, value) in [
        ("authorization", "Bearer sk_test_secret"),
        ("stripe-version", "2026-09-30.endive"),
        ("idempotency-key", "levqor/portal/cus_1/7"),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let expected = [
        ("customer", "cus_1"),
        ("flow_data[type]", "payment_method_update"),
        ("return_url", "https://levqor.test/"),
    ];
    assert_eq!(
        form,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
    Ok(())
}

#[tokio::test]
async fn what_may_heal_is_told_from_what_stripe_refuses_and_nothing_is_repeated() -> Result<()> {
    let message = r#"{"error": {"type": "invalid_request_error", "message": "No such customer: 'cus_1'"}}"#;
    for (status, heals) in [
        (400, false),
        (401, false),
        (404, false),
        (409, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let (got, requests) = ask(move |_| Answer::status(status).body(message)).await?;
        let error = got.err().context("an error")?;
        assert_eq!(
            matches!(error, PortalError::Unavailable(_)),
            heals,
            "{status}: {error}"
        );
        assert!(error.to_string().contains("No such customer"), "{error}");
        assert_eq!(requests.len(), 1, "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_of_another_form_or_none_is_an_error() -> Result<()> {
    let (got, _) = ask(|_| Answer::json(r#"{"id": "bps_1"}"#)).await?;
    assert!(matches!(got, Err(PortalError::Refused(_))), "{got:?}");
    let (got, _) = ask(|_| Answer::dropped()).await?;
    assert!(matches!(got, Err(PortalError::Unavailable(_))), "{got:?}");
    Ok(())
}

#[test]
fn the_key_does_not_show_itself() {
    let client = Client::new(Egress::new(Policy::default()), "sk_test_secret".to_owned(), None);
    let shown = format!("{client:?}");
    assert!(
        shown.contains("https://api.stripe.com") && !shown.contains("sk_test"),
        "{shown}"
    );
}
