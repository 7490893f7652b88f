//! What is in a package.

use std::io::{Cursor, Read};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use levqor_dsar::By;
use levqor_entities::data_map::{Export, Subject, entries};
use levqor_mail::{Envelope, Kind, letters::ConsentConfirm};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::rig::Rig;

async fn package(rig: &Rig, user: levqor_store::UserId) -> Result<Vec<u8>> {
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    Ok(rig.redeem(&token, &code).await?.zip.to_vec())
}

fn file(zip: &[u8], name: &str) -> Result<String> {
    let mut text = String::new();
    ZipArchive::new(Cursor::new(zip))?
        .by_name(name)?
        .read_to_string(&mut text)?;
    Ok(text)
}

#[tokio::test]
async fn domain_1_4_a_package_has_a_dataset_for_every_table_about_people() -> Result<()> {
    for rig in [Rig::sqlite().await, Rig::postgres().await?] {
        let user = rig.user("ada@example.org").await?;
        let zip = package(&rig, user).await?;
        let data: Value = serde_json::from_str(&file(&zip, "data.json")?)?;
        for entry in entries().filter(|e| e.subject != Subject::Nobody && e.export == Export::Included) {
            assert!(
                data["datasets"][entry.table].is_array(),
                "{} is missing",
                entry.table
            );
            file(&zip, &format!("csv/{}.csv", entry.table))?;
        }
        assert_eq!(data["datasets"]["users"][0]["email"], "ada@example.org");
        assert_eq!(data["datasets"]["users"][0]["id"], user.to_string());
        assert!(
            data["datasets"]["users"][0]["created_at"]
                .as_str()
                .unwrap()
                .ends_with('Z')
        );
        assert_eq!(data["datasets"]["dsar_requests"][0]["state"], "accepted");
    }
    Ok(())
}

#[tokio::test]
async fn a_package_holds_nothing_of_anybody_else() -> Result<()> {
    let rig = Rig::sqlite().await;
    let ada = rig.user("ada@example.org").await?;
    let eve = rig.user("eve@example.org").await?;
    rig.prepared(eve).await?;
    let zip = String::from_utf8_lossy(&package(&rig, ada).await?).into_owned();
    assert!(zip.contains("ada@example.org"));
    assert!(!zip.contains("eve@example.org") && !zip.contains(&eve.to_string()));
    Ok(())
}

/// The golden test: whatever opens anything of this person is looked for in every spelling.
#[tokio::test]
async fn domain_1_8_no_secret_is_in_a_package() -> Result<()> {
    for rig in [Rig::sqlite().await, Rig::postgres().await?] {
        let user = rig.user("ada@example.org").await?;
        let secrets = secrets(&rig, user).await?;
        let zip = package(&rig, user).await?;
        for secret in &secrets {
            for spelling in [
                secret.clone(),
                hex::encode(secret).into_bytes(),
                BASE64_STANDARD.encode(secret).into_bytes(),
            ] {
                let found = zip.windows(spelling.len()).any(|part| part == spelling);
                assert!(!found, "{:?}", String::from_utf8_lossy(&spelling));
            }
        }
        let metadata: Value = serde_json::from_str(&file(&zip, "metadata.json")?)?;
        let mails = metadata["datasets"]
            .as_array()
            .unwrap()
            .iter()
            .find(|set| set["name"] == "mails")
            .unwrap();
        assert_eq!(
            mails["columns_left_out_for_security"],
            serde_json::json!(["unsubscribe", "text", "html"])
        );
    }
    Ok(())
}

/// Tokens, codes, their hashes and salts, and a mail that is still to be sent.
async fn secrets(rig: &Rig, user: levqor_store::UserId) -> Result<Vec<Vec<u8>>> {
    let (platform, tenant) = (rig.platform(), rig.tenant());
    let life = std::time::Duration::from_hours(1);
    let token = levqor_accounts::issue_token(platform, tenant, rig.key(), user, life)
        .await?
        .unwrap()
        .text;
    rig.open(user, By::Key(rig.key())).await?;
    let confirm = rig.token(user, "dsar_confirm").await?;
    let tx = platform.db.begin().await?;
    let envelope = Envelope {
        tenant,
        key: "test".into(),
        kind: Kind::Transactional,
        to: "ada@example.org".into(),
        user: Some(user),
        attachments: Vec::new(),
    };
    levqor_mail::enqueue(&tx, platform, platform.db.now().await?, envelope, &letter()).await?;
    tx.commit().await?;
    let mut secrets = vec![
        token.clone().into_bytes(),
        confirm.clone().into_bytes(),
        b"sesame-open-up".to_vec(),
    ];
    secrets.extend([token, confirm].map(|token| Sha256::digest(token).to_vec()));
    let grants = levqor_entities::dsar_grants::secure_find(tenant)
        .all(platform.db.reader())
        .await?;
    secrets.extend(grants.into_iter().map(|grant| grant.sealed_key));
    Ok(secrets)
}

fn letter() -> ConsentConfirm {
    ConsentConfirm {
        controller: "acme".into(),
        scope: "news".into(),
        wording: "Send me news.".into(),
        link: "https://levqor.test/?token=sesame-open-up".into(),
    }
}
