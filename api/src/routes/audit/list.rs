//! `GET /api/v1/audit`.

use std::sync::Arc;

use levqor_audit::{Filter, Stored, list};
use levqor_store::AuditId;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::{Json, Raw, raw},
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct List(pub Arc<Shared>);

/// What was done to somebody's data.
#[derive(Serialize, Object)]
struct AuditEntry {
    /// Its id.
    id: String,
    /// The chain it is in.
    stream: String,
    /// Its number there, from 1 without a gap.
    seq: i64,
    /// When it was (RFC 3339).
    at: String,
    /// What happened, such as `people.terms_accepted`.
    kind: String,
    /// Who did it: `system`, `operator`, `anonymous`, `key:` and the key's id, or `user:` and a person's pseudonym.
    actor: String,
    /// Pseudonym of the person whose data it was, 64 hexadecimal digits; it stays when the person is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// That person's id, until they are erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// The rest; absent once it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Raw>,
    /// SHA-256 over the entry before and this one, 64 hexadecimal digits.
    hash: String,
}

/// A page of the audit trail, newest first.
#[derive(Serialize, Object)]
struct AuditPage {
    /// The entries.
    entries: Vec<AuditEntry>,
    /// Pass it as `cursor`, with the same filters, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// Read the audit trail
    ///
    /// Newest first. Entries are never changed; `levqor audit verify` shows it to who runs the installation.
    #[oai(
        path = "/api/v1/audit",
        method = "get",
        operation_id = "listAudit",
        tag = "Tag::Audit"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Only entries of this chain, such as `dsar`.
        stream: Query<Option<String>>,
        /// Only entries of this kind, such as `dsar.requested`.
        kind: Query<Option<String>>,
        /// Most entries on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<AuditPage>, Failed<Self>> {
        let cursors = Cursors::new(format!("audit {:?}", (&stream.0, &kind.0)));
        let limit = page_size(limit.0)?;
        let before = cursors.start(cursor.0.as_deref())?;
        let filter = Filter {
            stream: stream.0,
            kind: kind.0,
            before: before.map(AuditId),
        };
        let db = &self.0.api.platform.db;
        let mut rows = list(db, caller.tenant, filter, limit.unsigned_abs() + 1).await?;
        Ok(Json(AuditPage {
            next_cursor: cursors.cut(&mut rows, limit, |row| row.id.0),
            entries: rows.into_iter().map(Into::into).collect(),
        }))
    }
}

impl From<Stored> for AuditEntry {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id.to_string(),
            stream: row.stream,
            seq: row.seq,
            at: time::format(row.at),
            kind: row.kind,
            actor: row.actor,
            subject: row.subject.map(hex::encode),
            user_id: row.user_id.map(|id| id.to_string()),
            detail: row.payload.and_then(raw),
            hash: hex::encode(row.hash),
        }
    }
}
