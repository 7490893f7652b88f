//! The digests of an entry.

use levqor_entities::audit_events::Model;
use levqor_store::{TenantId, UserId};
use levqor_workflow::canonical_value;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::Actor;

/// What stands before the first entry of a chain.
pub(crate) const GENESIS: [u8; 32] = [0; 32];

/// SHA-256 of the hash before and of the row's header.
pub(crate) fn hash(before: &[u8], row: &Model) -> [u8; 32] {
    let header = json!({
        "actor": row.actor,
        "at": row.at,
        "id": row.id,
        "kind": row.kind,
        "payload": hex::encode(&row.payload_hash),
        "seq": row.seq,
        "stream": row.stream,
        "subject": row.subject.as_ref().map(hex::encode),
        "tenant": row.tenant_id,
        "version": 1,
    });
    let digest = Sha256::new().chain_update(before);
    digest.chain_update(canonical_value(&header)).finalize().into()
}

/// SHA-256 of salt and payload; the salt has 32 bytes, so the two cannot run into each other.
pub(crate) fn payload_hash(salt: &[u8], payload: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(payload)
        .finalize()
        .into()
}

/// By which a person is known in the header of an entry.
pub fn pseudonym(tenant: TenantId, user: UserId) -> [u8; 32] {
    let digest = Sha256::new().chain_update("levqor audit subject 1");
    digest
        .chain_update(tenant.0)
        .chain_update(user.0)
        .finalize()
        .into()
}

/// An actor as the header has it: a person by the pseudonym, since the header is never erased.
pub(crate) fn actor(tenant: TenantId, actor: Actor) -> String {
    match actor {
        Actor::System => "system".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::Anonymous => "anonymous".to_owned(),
        Actor::Key(key) => format!("key:{key}"),
        Actor::User(user) => format!("user:{}", hex::encode(pseudonym(tenant, user))),
    }
}
