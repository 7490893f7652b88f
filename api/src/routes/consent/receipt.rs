//! `GET /api/v1/consents/{id}/receipt`.

use std::{str::FromStr, sync::Arc};

use levqor_consent::{ConsentId, receipt};
use poem_openapi::{Object, OpenApi, param::Path, types::Any};
use serde::Serialize;
use serde_json::Value;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Receipt(pub Arc<Shared>);

/// A receipt and its proof.
#[derive(Serialize, Object)]
struct ConsentReceipt {
    /// The consent in the structure of ISO/IEC TS 27560:2023: what, for whom, each event with the hash of the text shown.
    receipt: Any<Value>,
    /// The same, signed: JWS in compact form, `EdDSA` (RFC 7515, RFC 8037).
    jws: String,
    /// The public key, as a JWK.
    key: Any<Value>,
}

impl Failures for Receipt {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::ConsentNotFound, Code::NotConfigured];
}

#[OpenApi]
impl Receipt {
    /// A consent's receipt
    ///
    /// What was agreed to and how, as a signed document that proves it to the person or to an authority.
    #[oai(
        path = "/api/v1/consents/:id/receipt",
        method = "get",
        operation_id = "getConsentReceipt",
        tag = "Tag::Consent"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The consent's id.
        id: Path<String>,
    ) -> Result<Json<ConsentReceipt>, Failed<Self>> {
        let missing =
            || Problem::new(Code::ConsentNotFound, "There is no consent with this id.").parameter("id");
        let id = ConsentId::from_str(&id.0).map_err(|_| missing())?;
        let found = receipt(&self.0.api.platform, caller.tenant, id).await?;
        let signed = found.ok_or_else(missing)?;
        Ok(Json(ConsentReceipt {
            receipt: Any(signed.receipt),
            jws: signed.jws,
            key: Any(signed.key),
        }))
    }
}
