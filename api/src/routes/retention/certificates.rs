//! `GET /api/v1/retention/certificates`.

use std::sync::Arc;

use levqor_entities::retention_certificates::Model;
use levqor_retention::certificates;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Certificates(pub Arc<Shared>);

/// What a sweep deleted of this tenant, signed.
#[derive(Serialize, Object)]
struct RetentionCertificate {
    /// Position in the tenant's chain, from 1.
    number: i64,
    /// When it was made (RFC 3339).
    issued_at: String,
    /// What is signed, byte for byte: JSON with the rules, their versions, cut-offs, counts and digests, the public key,
    /// and the SHA-256 of the body before.
    body: String,
    /// SHA-256 of `body`, in hexadecimal.
    sha256: String,
    /// Ed25519 over `body`, in hexadecimal.
    signature: String,
}

/// A page of certificates, newest first.
#[derive(Serialize, Object)]
struct CertificatePage {
    /// The certificates.
    certificates: Vec<RetentionCertificate>,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for Certificates {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Certificates {
    /// List certificates of deletion
    ///
    /// Newest first. A sweep that deleted nothing of the tenant makes none. Each names the one before by its hash, so that
    /// none can be left out.
    #[oai(
        path = "/api/v1/retention/certificates",
        method = "get",
        operation_id = "listRetentionCertificates",
        tag = "Tag::Retention"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Most certificates on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<CertificatePage>, Failed<Self>> {
        let cursors = Cursors::new("retention certificates".to_owned());
        let limit = page_size(limit.0)?;
        let before = cursors.start(cursor.0.as_deref())?;
        let before = before.map(|id| i64::try_from(id.as_u128()).unwrap_or(i64::MAX));
        let db = &self.0.api.platform.db;
        let mut rows = certificates(db, caller.tenant, before, limit.unsigned_abs() + 1).await?;
        let id = |row: &Model| Uuid::from_u128(row.number.unsigned_abs().into());
        Ok(Json(CertificatePage {
            next_cursor: cursors.cut(&mut rows, limit, id),
            certificates: rows.into_iter().map(Into::into).collect(),
        }))
    }
}

impl From<Model> for RetentionCertificate {
    fn from(row: Model) -> Self {
        Self {
            number: row.number,
            issued_at: time::format(row.issued_at),
            body: String::from_utf8_lossy(&row.body).into_owned(),
            sha256: hex::encode(row.hash),
            signature: hex::encode(row.signature),
        }
    }
}
