//! A consent as a document that its person or an authority can check: the structure of ISO/IEC TS 27560:2023, signed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use levqor_entities::{
    consent_events::{self as events, Kind},
    consents::{self, Status},
    ids::{ConsentId, UserId},
};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::{ConsentError, FEATURE, Scope, find, sender::sender, wording};

/// What the signing key is derived for.
pub const KEY_PURPOSE: &str = "consent receipt ed25519 v1";

/// A receipt and its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    /// The receipt.
    pub receipt: Value,
    /// The same, signed: a JWS in compact form with `EdDSA` (RFC 7515, RFC 8037). Its payload is the receipt's JSON.
    pub jws: String,
    /// The public key as a JWK (RFC 8037).
    pub key: Value,
}

/// The receipt of a consent; None when the tenant has none with this id.
///
/// # Errors
/// The installation has no secret key, or the database is away.
pub async fn receipt(
    platform: &Platform,
    tenant: TenantId,
    id: ConsentId,
) -> Result<Option<Signed>, ConsentError> {
    let Some(consent) = find(&platform.db, tenant, id).await? else {
        return Ok(None);
    };
    let secrets = platform.secrets(FEATURE)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&secrets.derive(KEY_PURPOSE))
        .map_err(|error| StoreError::Setup(error.to_string()))?;
    let receipt = document(platform, &consent).await?;
    Ok(Some(Signed {
        jws: jws(&pair, &receipt),
        key: json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL.encode(pair.public_key())}),
        receipt,
    }))
}

fn jws(pair: &Ed25519KeyPair, receipt: &Value) -> String {
    let header = json!({"alg": "EdDSA", "typ": "consent-receipt+json"});
    let part = |value: &Value| BASE64URL.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(receipt));
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL.encode(signature))
}

async fn document(platform: &Platform, consent: &consents::Model) -> Result<Value, ConsentError> {
    let db = &platform.db;
    let history = events::history(consent.tenant_id, consent.id)
        .all(db.reader())
        .await;
    let history = history.map_err(|error| db.error(error))?;
    let principal = principal(consent.user_id, consent);
    let controller = history
        .last()
        .map(|event| event.controller.clone())
        .unwrap_or_default();
    let address = sender(platform, consent.tenant_id)
        .await?
        .map(|sender| sender.postal_address);
    Ok(json!({
        "receipt_metadata": {
            "schema_version": "ISO/IEC TS 27560:2023",
            "receipt_id": format!("{}/{}", consent.id, history.len()),
            "receipt_time": rfc3339(db.now().await?),
        },
        "record": {"schema_version": "ISO/IEC TS 27560:2023", "record_id": consent.id, "pii_principal_id": principal},
        "pii_processing": {
            "privacy_notice": wording::text(platform, consent.tenant_id, consent.wording_id).await?,
            "language": consent.locale.as_deref().unwrap_or("und"),
            "purposes": [{
                "purpose": Scope::title(&consent.scope),
                "purpose_type": "direct marketing",
                "lawful_basis": "consent (GDPR article 6(1)(a))",
                "pii_information": [{"pii_type": "email address", "pii_optional": false, "sensitive_pii_category": false}],
                "pii_controllers": ["controller"],
                "collection_method": consent.source,
                "processing_method": ["store", "send e-mail"],
                "retention_period": "until withdrawn",
                "withdrawal_method": ["one-click unsubscribe link in each mail", "preference page", "request to the controller"],
            }],
        },
        "party_identification": [{
            "party_id": "controller",
            "party_role": "PII controller",
            "party_name": controller,
            "party_address": address,
        }],
        "events": history.iter().map(|event| happened(event, &principal)).collect::<Vec<_>>(),
        "consent_status": state(consent.status),
    }))
}

/// The person's pseudonym: an id of ours, never the address.
fn principal(user: Option<UserId>, consent: &consents::Model) -> String {
    user.map_or_else(|| consent.contact_id.to_string(), |user| user.to_string())
}

fn happened(event: &events::Model, principal: &str) -> Value {
    let own = matches!(event.kind, Kind::Granted | Kind::Revoked) && event.method != "on_behalf";
    let state = match event.kind {
        Kind::Requested => "requested",
        Kind::Granted => "given",
        Kind::Revoked => "withdrawn",
        Kind::Expired => "expired",
    };
    json!({
        "event_time": rfc3339(event.at),
        "event_type": "explicit",
        "event_state": state,
        "entity_id": if own { principal } else { "controller" },
        "method": event.method,
        "channel": event.channel,
        "source": event.source,
        "controller": event.controller,
        "notice_version": event.wording_version,
        "notice_sha256": hex::encode(&event.wording_sha256),
        "network": event.network,
        "user_agent_hash": event.agent_hash.as_ref().map(hex::encode),
    })
}

fn state(status: Status) -> &'static str {
    match status {
        Status::PendingDoubleOptIn => "requested",
        Status::Granted => "given",
        Status::Revoked => "withdrawn",
        Status::Expired => "expired",
    }
}

fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or_default()
        .to_string()
}
