//! Marketing mail: to who has agreed, once, with the foot that the law asks for.

use anyhow::{Context, Result};
use levqor_accounts::Email;
use levqor_consent::{
    ConsentError, Scope, put_sender, revoke,
    send::{Order, Progress, order, queue},
    unsubscribe,
};
use levqor_entities::mails::{self, Kind};
use levqor_platform::testing::TestPlatform;

use crate::rig::{KEY, address, granted, list, mails, nobody, platforms, question, token};

fn news(scope: Scope) -> Order {
    Order {
        key: None,
        request_hash: [1; 32],
        scope,
        subject: "News & more".to_owned(),
        text: "We have <news>.".to_owned(),
        html: String::new(),
        recipients: None,
    }
}

async fn sender(on: &TestPlatform) -> Result<()> {
    let (name, postal) = ("Acme Ltd".to_owned(), "1 High St, Leeds LS1 1AA, UK".to_owned());
    put_sender(&on.platform, on.tenant, name, postal).await?;
    Ok(())
}

async fn queued(on: &TestPlatform, order: Order) -> Result<Progress> {
    let placed = levqor_consent::send::order(&on.platform, on.tenant, order).await?;
    loop {
        let progress = queue(&on.platform, on.tenant, placed.id)
            .await?
            .context("no such order")?;
        if progress.done {
            return Ok(progress);
        }
    }
}

/// Sends to a list, and gives the tokens of Ada's mail: to unsubscribe, and of her preferences.
pub(crate) async fn mailed(on: &TestPlatform, scope: &str) -> Result<(String, String)> {
    sender(on).await?;
    queued(on, news(list(scope))).await?;
    let mails = mails(on).await?;
    let last = mails.last().context("no mail")?;
    Ok((token(last, "lvm_")?, token(last, "lvp_")?))
}

fn people(numbers: std::ops::Range<usize>) -> Vec<Email> {
    numbers.map(|n| address(&format!("p{n}@example.com"))).collect()
}

/// This many people who agreed.
async fn readers(on: &TestPlatform, number: usize) -> Result<()> {
    sender(on).await?;
    for email in people(0..number) {
        let mut asks = question("marketing");
        asks.email = email;
        granted(on, asks).await?;
    }
    Ok(())
}

async fn marketing(on: &TestPlatform) -> Result<Vec<mails::Model>> {
    let all = mails(on).await?;
    Ok(all
        .into_iter()
        .filter(|mail| mail.kind == Kind::Marketing)
        .collect())
}

#[tokio::test]
async fn a_mail_names_reason_sender_and_both_links_and_no_address_in_them() -> Result<()> {
    for on in platforms().await? {
        granted(&on, question("marketing")).await?;
        mailed(&on, "marketing").await?;
        let mail = marketing(&on).await?.pop().unwrap();
        let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
        for part in [
            "agreed to marketing mail from Acme Ltd",
            "Acme Ltd, 1 High St, Leeds LS1 1AA, UK",
            "https://levqor.test/api/marketing/unsubscribe/lvm_",
            "https://levqor.test/marketing/preferences/lvp_",
        ] {
            assert!(
                text.contains(part) && html.contains(part),
                "{part} in {text} and {html}"
            );
        }
        assert!(
            text.contains("We have <news>.") && html.contains("We have &#60;news&#62;."),
            "{html}"
        );
        let link = mail.unsubscribe.unwrap();
        assert!(text.contains(&link) && !link.contains("ada") && !link.contains('@'));
        assert_eq!(
            (mail.scope.as_deref(), mail.recipient.as_str()),
            (Some("marketing"), "ada@example.com")
        );
    }
    Ok(())
}

#[tokio::test]
async fn only_who_has_agreed_is_written_to_and_each_once() -> Result<()> {
    for on in platforms().await? {
        readers(&on, 120).await?;
        revoke(&on.platform, on.tenant, &address("p7@example.com"), None, KEY).await?;
        let placed = order(&on.platform, on.tenant, news(list("marketing"))).await?;
        let first = queue(&on.platform, on.tenant, placed.id).await?.unwrap();
        assert!(!first.done && first.queued == 50);
        let (mut last, mut calls) = (first, 1);
        while !last.done {
            last = queue(&on.platform, on.tenant, placed.id).await?.unwrap();
            calls += 1;
        }
        assert_eq!((last.queued, last.passed_over, calls), (119, 0, 3));
        assert_eq!(queue(&on.platform, on.tenant, placed.id).await?, Some(last));
        let mut to: Vec<_> = marketing(&on)
            .await?
            .into_iter()
            .map(|mail| mail.recipient)
            .collect();
        to.sort_unstable();
        to.dedup();
        assert_eq!(to.len(), 119);
        assert!(!to.contains(&"p7@example.com".to_owned()));
    }
    Ok(())
}

#[tokio::test]
async fn named_recipients_are_written_to_as_far_as_they_agree_when_it_is_their_turn() -> Result<()> {
    for on in platforms().await? {
        readers(&on, 4).await?;
        let named = Order {
            recipients: Some(people(1..9)),
            ..news(list("marketing"))
        };
        let placed = order(&on.platform, on.tenant, named).await?;
        revoke(&on.platform, on.tenant, &address("p2@example.com"), None, KEY).await?;
        let progress = queue(&on.platform, on.tenant, placed.id).await?.unwrap();
        assert_eq!(
            (progress.queued, progress.passed_over, progress.done),
            (2, 6, true)
        );
        let to: Vec<_> = marketing(&on)
            .await?
            .into_iter()
            .map(|mail| mail.recipient)
            .collect();
        assert_eq!(to, ["p1@example.com", "p3@example.com"]);
    }
    Ok(())
}

#[tokio::test]
async fn an_order_is_taken_once_under_its_key() -> Result<()> {
    for on in platforms().await? {
        sender(&on).await?;
        let keyed = Order {
            key: Some("may".to_owned()),
            ..news(list("marketing"))
        };
        let first = order(&on.platform, on.tenant, keyed.clone()).await?;
        let again = order(&on.platform, on.tenant, keyed.clone()).await?;
        assert!(!first.replayed && again.replayed && first.id == again.id);
        let other = Order {
            request_hash: [2; 32],
            ..keyed
        };
        let refused = order(&on.platform, on.tenant, other).await.unwrap_err();
        assert!(matches!(refused, ConsentError::KeyConflict));
        let (one, two) = (news(list("marketing")), news(list("marketing")));
        let one = order(&on.platform, on.tenant, one).await?;
        assert_ne!(one.id, order(&on.platform, on.tenant, two).await?.id);
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_ordered_without_a_sender_or_https() -> Result<()> {
    let mut on = TestPlatform::sqlite().await;
    let refused = order(&on.platform, on.tenant, news(list("marketing")))
        .await
        .unwrap_err();
    assert!(matches!(refused, ConsentError::NoSender));
    sender(&on).await?;
    on.platform.public_url = Some("http://levqor.test".into());
    let refused = order(&on.platform, on.tenant, news(list("marketing")))
        .await
        .unwrap_err();
    assert!(matches!(refused, ConsentError::NotHttps));
    Ok(())
}

#[tokio::test]
async fn who_unsubscribes_is_left_out_of_the_next_mail() -> Result<()> {
    for on in platforms().await? {
        granted(&on, question("marketing")).await?;
        let (token, _) = mailed(&on, "marketing").await?;
        unsubscribe(&on.platform, &token, "one_click", nobody).await?;
        let progress = queued(&on, news(list("marketing"))).await?;
        assert_eq!((progress.queued, marketing(&on).await?.len()), (0, 1));
    }
    Ok(())
}
