//! Checkpoints: the heads of all chains at one time, sealed with a key of the installation. Kept out of reach of whoever
//! can write to the database, one shows that nothing it covers was written anew or cut off since.

use levqor_entities::{
    audit_events,
    audit_streams::{self, Column},
};
use levqor_platform::Secrets;
use levqor_store::{Db, StoreError, TenantId};
use levqor_workflow::canonical_value;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Fault, Wrong};

/// What the key of the seal is for.
const PURPOSE: &str = "audit checkpoint v1";

/// The head of a chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    tenant: TenantId,
    stream: String,
    seq: i64,
    hash: String,
}

/// A checkpoint whose seal is good.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    heads: Vec<Head>,
}

/// The text is no checkpoint of this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint of this installation, or it was changed")]
pub struct BadCheckpoint;

/// Makes a checkpoint: an object with `at` (microseconds since 1970), `heads` and `seal` (HMAC-SHA256 over the
/// canonical JSON of the other two).
pub async fn checkpoint(db: &Db, secrets: &Secrets) -> Result<Value, StoreError> {
    let at = db.now().await?;
    let rows = audit_streams::find_all()
        .order_by_asc(Column::TenantId)
        .order_by_asc(Column::Stream)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let heads = rows.into_iter().map(|row| Head {
        tenant: row.tenant_id,
        stream: row.stream,
        seq: row.seq,
        hash: hex::encode(row.hash),
    });
    let mut checkpoint = json!({"at": at, "heads": heads.collect::<Vec<_>>()});
    let seal = secrets.mac(PURPOSE, &[&canonical_value(&checkpoint)]);
    checkpoint["seal"] = hex::encode(seal).into();
    Ok(checkpoint)
}

impl Checkpoint {
    /// Reads one that [`checkpoint`] made under the same key.
    pub fn read(text: &[u8], secrets: &Secrets) -> Result<Self, BadCheckpoint> {
        let mut value: Value = serde_json::from_slice(text).map_err(|_| BadCheckpoint)?;
        let seal = value
            .as_object_mut()
            .and_then(|object| object.shift_remove("seal"));
        let seal = seal
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|seal| hex::decode(seal).ok());
        let sealed = canonical_value(&value);
        seal.filter(|seal| secrets.verify(PURPOSE, &[&sealed], seal))
            .ok_or(BadCheckpoint)?;
        let heads = serde_json::from_value(value["heads"].take()).map_err(|_| BadCheckpoint)?;
        Ok(Self { heads })
    }

    /// Tells `found` of each chain that does not hold the entry that was its head; how many there are. A whole chain that
    /// holds it is the same up to there as it was then.
    pub async fn compare(&self, db: &Db, mut found: impl FnMut(&Fault)) -> Result<u64, StoreError> {
        let mut faults = 0;
        for head in &self.heads {
            let row = audit_events::secure_find(head.tenant)
                .filter(audit_events::Column::Stream.eq(&head.stream))
                .filter(audit_events::Column::Seq.eq(head.seq))
                .one(db.reader())
                .await
                .map_err(|error| db.error(error))?;
            if row.is_some_and(|row| hex::encode(row.hash) == head.hash) {
                continue;
            }
            faults += 1;
            found(&Fault {
                tenant: head.tenant,
                stream: head.stream.clone(),
                seq: head.seq,
                wrong: Wrong::Checkpoint,
            });
        }
        Ok(faults)
    }
}
