//! The preference page: list by list, and "all".

use std::time::Duration;

use anyhow::Result;
use levqor_consent::{Status, ask, choose, preferences};
use levqor_entities::{consent_events::Kind, consent_wordings};
use levqor_platform::testing::TestPlatform;
use sea_orm::QueryOrder;

use crate::{
    rig::{consent, granted, history, nobody, question, status},
    sending::mailed,
};

/// Ada, who gets two lists and was asked for a third; and the token of her page.
async fn ada() -> Result<(TestPlatform, String)> {
    let on = TestPlatform::sqlite().await;
    for scope in ["marketing", "product_updates"] {
        granted(&on, question(scope)).await?;
        on.clock.advance(Duration::from_hours(24));
    }
    ask(&on.platform, on.tenant, question("events")).await?;
    let (_, token) = mailed(&on, "marketing").await?;
    Ok((on, token))
}

fn names(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|&scope| scope.to_owned()).collect()
}

#[tokio::test]
async fn domain_2_10_each_list_is_chosen_by_itself() -> Result<()> {
    let (on, token) = ada().await?;
    let shown = preferences(&on.platform, &token).await?.unwrap();
    let lists: Vec<_> = shown
        .choices
        .iter()
        .map(|choice| (choice.scope.as_str(), choice.granted))
        .collect();
    assert_eq!(
        lists,
        [("marketing", true), ("product_updates", true)],
        "one that was never given is not offered"
    );
    let shown = names(&["marketing", "product_updates", "events"]);
    let after = choose(
        &on.platform,
        &token,
        &shown,
        Some(&names(&["marketing", "events"])),
        nobody,
    )
    .await?
    .unwrap();
    assert_eq!(
        after
            .choices
            .iter()
            .map(|choice| choice.granted)
            .collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(status(&on, "product_updates").await?, Status::Revoked);
    assert_eq!(status(&on, "events").await?, Status::PendingDoubleOptIn);
    Ok(())
}

#[tokio::test]
async fn a_list_taken_up_again_is_agreed_to_in_the_words_beside_its_box() -> Result<()> {
    let (on, token) = ada().await?;
    choose(&on.platform, &token, &names(&["marketing"]), Some(&[]), nobody).await?;
    choose(
        &on.platform,
        &token,
        &names(&["marketing"]),
        Some(&names(&["marketing"])),
        nobody,
    )
    .await?;
    let row = consent(&on, "ada@example.com", "marketing").await?;
    assert_eq!(row.status, Status::Granted);
    let page = "preference_page".to_owned();
    let happened = history(&on, &row).await?;
    assert_eq!(
        happened[2..],
        [(Kind::Revoked, page.clone()), (Kind::Granted, page)]
    );
    let texts = consent_wordings::secure_find(on.tenant).order_by_asc(consent_wordings::Column::Id);
    let texts = texts.all(on.platform.db.reader()).await?;
    let shown = texts.iter().find(|text| text.id == row.wording_id).unwrap();
    assert_eq!(shown.text, "Send me marketing by e-mail from Acme Ltd");
    Ok(())
}

#[tokio::test]
async fn domain_2_10_all_withdraws_every_list_also_one_that_was_only_asked_for() -> Result<()> {
    let (on, token) = ada().await?;
    choose(&on.platform, &token, &[], None, nobody).await?.unwrap();
    for scope in ["marketing", "product_updates", "events"] {
        assert_eq!(status(&on, scope).await?, Status::Revoked, "{scope}");
    }
    Ok(())
}

#[tokio::test]
async fn a_list_that_the_page_did_not_show_stays_as_it_is() -> Result<()> {
    let (on, token) = ada().await?;
    choose(&on.platform, &token, &names(&["marketing"]), Some(&[]), nobody).await?;
    assert_eq!(status(&on, "marketing").await?, Status::Revoked);
    assert_eq!(status(&on, "product_updates").await?, Status::Granted);
    assert_eq!(choose(&on.platform, "lvp_", &[], None, nobody).await?, None);
    Ok(())
}
