//! `GET /api/v1/ledger`.

use std::sync::Arc;

use levqor_ledger::{ACCOUNTS, Entry, Filter, Posting, entries};
use levqor_store::LedgerEntryId;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::workflow;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::{Json, Raw, raw},
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct List(pub Arc<Shared>);

/// An amount on an account.
#[derive(Serialize, Object)]
struct LedgerPosting {
    /// The account, such as `expense:worker`.
    account: String,
    /// Minor units: positive for a debit, negative for a credit.
    amount: i64,
}

/// An entry; its postings sum to zero.
#[derive(Serialize, Object)]
struct LedgerEntry {
    /// Its id.
    id: String,
    /// When it was booked (RFC 3339).
    at: String,
    /// The day it is about, UTC: `YYYY-MM-DD`.
    day: String,
    /// `namespace/name`; absent for mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
    /// The API key that started the runs; absent for schedules and processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// ISO 4217.
    currency: String,
    /// The amounts.
    postings: Vec<LedgerPosting>,
    /// Quantities it was booked from (`worker_us`: microseconds of attempts) and the prices then, in millionths of a minor
    /// unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Raw>,
}

/// A page of the ledger, newest first.
#[derive(Serialize, Object)]
struct LedgerPage {
    /// The entries.
    entries: Vec<LedgerEntry>,
    /// Pass it as `cursor`, with the same filters, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// Read the ledger
    ///
    /// Newest first. Double entry in minor units of the installation's currency. An entry is made when what was used comes
    /// to a minor unit; less is carried on. What ended runs used is booked within seconds.
    #[oai(
        path = "/api/v1/ledger",
        method = "get",
        operation_id = "listLedger",
        tag = "Tag::Money"
    )]
    #[expect(clippy::too_many_arguments, reason = "one a query parameter")]
    async fn list(
        &self,
        caller: Caller,
        /// Booked at this time or later (RFC 3339).
        from: Query<Option<String>>,
        /// Booked before this time (RFC 3339).
        to: Query<Option<String>>,
        /// Only entries with a posting on this account.
        account: Query<Option<String>>,
        /// Only entries of this workflow, `namespace/name`.
        workflow: Query<Option<String>>,
        /// Most entries on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<LedgerPage>, Failed<Self>> {
        let filters = (&from.0, &to.0, &account.0, &workflow.0);
        let cursors = Cursors::new(format!("ledger {filters:?}"));
        let before = cursors.start(cursor.0.as_deref())?;
        let filter = Filter {
            from: time::parameter("from", from.0.as_deref())?,
            to: time::parameter("to", to.0.as_deref())?,
            account: known(account.0)?,
            workflow: self::workflow(workflow.0)?,
            before: before.map(LedgerEntryId),
        };
        let limit = page_size(limit.0)?;
        let db = &self.0.api.platform.db;
        let mut found = entries(db, caller.tenant, filter, limit.unsigned_abs() + 1).await?;
        Ok(Json(LedgerPage {
            next_cursor: cursors.cut(&mut found, limit, |(entry, _)| entry.id.0),
            entries: found.into_iter().map(shown).collect(),
        }))
    }
}

fn known(account: Option<String>) -> Result<Option<String>, Problem> {
    match account {
        Some(name) if !ACCOUNTS.contains(&name.as_str()) => {
            let detail = format!("Expected one of {}.", ACCOUNTS.join(", "));
            Err(Problem::new(Code::InvalidParameter, detail).parameter("account"))
        }
        account => Ok(account),
    }
}

fn shown((entry, postings): (Entry, Vec<Posting>)) -> LedgerEntry {
    let sides = |posting: Posting| {
        let side = |account, amount| LedgerPosting { account, amount };
        [
            side(posting.debit, posting.amount),
            side(posting.credit, -posting.amount),
        ]
    };
    LedgerEntry {
        id: entry.id.to_string(),
        at: time::format(entry.at),
        day: time::date(entry.day).to_string(),
        workflow: Some(entry.workflow).filter(|name| !name.is_empty()),
        key_id: entry.key_id.map(|key| key.to_string()),
        currency: entry.currency,
        postings: postings.into_iter().flat_map(sides).collect(),
        detail: raw(entry.detail.into_bytes()),
    }
}
