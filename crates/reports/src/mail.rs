//! Sending a report to who ordered it.

use levqor_entities::ids::ReportId;
use levqor_mail::{Attachment, Envelope, Kind as MailKind, enqueue, letters::ReportReady};

use crate::{ReportError, Scope, find, object_key, operations::title, period::Period};

/// Writes the mail with the report's file; does nothing when the order named nobody, or when it was written already.
/// True when a mail is in the outbox for it.
///
/// # Errors
/// There is no such report, or the database is away.
pub async fn mail(scope: Scope<'_>, id: ReportId) -> Result<bool, ReportError> {
    let db = &scope.platform.db;
    let report = find(db, scope.tenant, id).await?.ok_or(ReportError::Unknown)?;
    let Some(to) = report.mail_to.clone() else {
        return Ok(false);
    };
    let period = Period {
        from: report.period_from,
        to: report.period_to,
    };
    let letter = ReportReady {
        title: title(report.kind).to_owned(),
        period: period.shown(),
        pages: report.pages.unwrap_or_default(),
        sha256: hex::encode(report.sha256.unwrap_or_default()),
    };
    let envelope = Envelope {
        tenant: scope.tenant,
        key: format!("report/{id}"),
        kind: MailKind::Transactional,
        to,
        user: None,
        attachments: vec![Attachment {
            name: format!("{}.pdf", title(report.kind).to_lowercase().replace(' ', "-")),
            media_type: "application/pdf".to_owned(),
            object: object_key(id)?.as_str().to_owned(),
        }],
    };
    let now = db.now().await?;
    let tx = db.begin().await?;
    enqueue(&tx, scope.platform, now, envelope, &letter).await?;
    tx.commit().await?;
    Ok(true)
}
