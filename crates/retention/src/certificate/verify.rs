//! Checking all certificates.

use std::collections::BTreeMap;

use levqor_entities::{
    ids::SweepId,
    retention_certificates::{self, Column, Model},
};
use levqor_platform::Secrets;
use levqor_processes::SYSTEM;
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Certificate, FORMAT, Tenants, issue::tenants, sign::Signer};

/// Certificates read at once.
const PAGE: u64 = 500;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Certificates that were read.
    pub certificates: u64,
    /// Tenants that have any, the installation among them.
    pub chains: u64,
    /// Rows they certify, as the installation's say.
    pub rows: i64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Something that is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Whose.
    pub tenant: String,
    /// Its number.
    pub number: i64,
    /// What.
    pub what: String,
}

/// Checks every certificate: its signature, that its columns say what it says, that it follows the one before, and that
/// the tenants' certificates of a sweep are those that the installation's names. A chain may begin late, where older
/// certificates have outlived their own retention.
///
/// # Errors
/// The database is away.
pub async fn verify(db: &Db, secrets: &Secrets) -> Result<Report, StoreError> {
    let signer = Signer::new(secrets)?;
    let mut check = Check::default();
    let mut after: Option<(TenantId, i64)> = None;
    loop {
        let page = page(db, after).await?;
        for row in &page {
            check.certificate(&signer, row);
        }
        match page.last() {
            Some(last) => after = Some((last.tenant_id, last.number)),
            None => return Ok(check.conclude()),
        }
    }
}

/// In order of tenant and number.
async fn page(db: &Db, after: Option<(TenantId, i64)>) -> Result<Vec<Model>, StoreError> {
    let mut found = retention_certificates::find_all()
        .order_by_asc(Column::TenantId)
        .order_by_asc(Column::Number)
        .limit(PAGE);
    if let Some((tenant, number)) = after {
        let later = Column::TenantId.eq(tenant).and(Column::Number.gt(number));
        found = found.filter(Column::TenantId.gt(tenant).or(later));
    }
    found.all(db.reader()).await.map_err(|error| db.error(error))
}

#[derive(Default)]
struct Check {
    report: Report,
    before: Option<Model>,
    /// Hashes of the tenants' certificates, by sweep.
    hashes: BTreeMap<SweepId, Vec<Vec<u8>>>,
    /// What the installation's certificates say of them.
    named: Vec<(i64, SweepId, Tenants)>,
}

impl Check {
    fn certificate(&mut self, signer: &Signer, row: &Model) {
        self.report.certificates += 1;
        let first = self
            .before
            .as_ref()
            .is_none_or(|before| before.tenant_id != row.tenant_id);
        self.report.chains += u64::from(first);
        if row.tenant_id != SYSTEM {
            self.hashes
                .entry(row.sweep_id)
                .or_default()
                .push(row.hash.clone());
        }
        for what in self.faults(signer, row, first) {
            self.fault(row.tenant_id, row.number, what);
        }
        self.before = Some(row.clone());
    }

    fn faults(&mut self, signer: &Signer, row: &Model, first: bool) -> Vec<&'static str> {
        let mut faults = Vec::new();
        if !signer.has_signed(&row.body, &row.signature) {
            faults.push("the signature is not this installation's over this body");
        }
        if Sha256::digest(&row.body).as_slice() != row.hash {
            faults.push("the hash is not that of the body");
        }
        let Ok(body) = serde_json::from_slice::<Certificate>(&row.body) else {
            faults.push("the body is no certificate");
            return faults;
        };
        let own = (body.tenant.as_str(), body.number, body.sweep.as_str());
        let columns = (row.tenant_id.to_string(), row.sweep_id.to_string());
        if own != (&columns.0, row.number, &columns.1) || body.format != FORMAT {
            faults.push("the body is of another certificate");
        }
        if !first && !self.follows(&body) {
            faults.push("it does not follow the certificate before");
        }
        if first && row.number == 1 && body.previous.is_some() {
            faults.push("it is the first, yet names one before");
        }
        self.remember(row, body);
        faults
    }

    fn follows(&self, body: &Certificate) -> bool {
        self.before.as_ref().is_some_and(|before| {
            body.number == before.number + 1 && body.previous == Some(hex::encode(&before.hash))
        })
    }

    fn remember(&mut self, row: &Model, body: Certificate) {
        if row.tenant_id == SYSTEM {
            self.report.rows += body.datasets.iter().map(|line| line.rows).sum::<i64>();
            self.named
                .extend(body.tenants.map(|tenants| (row.number, row.sweep_id, tenants)));
        }
    }

    fn fault(&mut self, tenant: TenantId, number: i64, what: &str) {
        self.report.faults.push(Fault {
            tenant: tenant.to_string(),
            number,
            what: what.to_owned(),
        });
    }

    fn conclude(mut self) -> Report {
        for (number, sweep, named) in std::mem::take(&mut self.named) {
            if tenants(self.hashes.remove(&sweep).unwrap_or_default()) != named {
                self.fault(
                    SYSTEM,
                    number,
                    "the tenants' certificates of its sweep are not those it names",
                );
            }
        }
        self.report
    }
}
