//! Receipts prove what they say.

use anyhow::Result;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use levqor_consent::{ConsentId, receipt};
use levqor_store::TenantId;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use uuid::Uuid;

use crate::rig::{granted, platforms, question};

fn decoded(part: &str) -> Vec<u8> {
    BASE64URL.decode(part).unwrap()
}

#[tokio::test]
async fn domain_2_7_a_receipt_is_signed_and_tells_the_whole_history() -> Result<()> {
    for on in platforms().await? {
        let row = granted(&on, question("marketing")).await?;
        let signed = receipt(&on.platform, on.tenant, row.id).await?.unwrap();
        let (message, signature) = signed.jws.rsplit_once('.').unwrap();
        let key = decoded(signed.key["x"].as_str().unwrap());
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(message.as_bytes(), &decoded(signature)).unwrap();
        key.verify(format!("{message}x").as_bytes(), &decoded(signature))
            .unwrap_err();
        let (header, payload) = message.split_once('.').unwrap();
        let header: Value = serde_json::from_slice(&decoded(header))?;
        assert_eq!(header["alg"], "EdDSA");
        assert_eq!(
            serde_json::from_slice::<Value>(&decoded(payload))?,
            signed.receipt
        );
        let shown = &signed.receipt;
        assert_eq!(shown["record"]["record_id"], row.id.to_string());
        assert_eq!(shown["pii_processing"]["privacy_notice"], "Yes, send me news.");
        assert_eq!(shown["party_identification"][0]["party_name"], "acme");
        let states: Vec<_> = shown["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| &event["event_state"])
            .collect();
        assert_eq!(states, ["requested", "given"]);
        assert!(!signed.jws.contains("ada@") && !shown.to_string().contains("ada@example.com"));
    }
    Ok(())
}

#[tokio::test]
async fn a_receipt_is_its_tenants_only() -> Result<()> {
    for on in platforms().await? {
        let row = granted(&on, question("marketing")).await?;
        let other = TenantId(Uuid::from_u128(99));
        assert_eq!(receipt(&on.platform, other, row.id).await?, None);
        assert_eq!(
            receipt(&on.platform, on.tenant, ConsentId(Uuid::nil())).await?,
            None
        );
    }
    Ok(())
}
