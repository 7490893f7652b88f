//! Making the certificates of a sweep.

use std::collections::BTreeMap;

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    ids::SweepId,
    retention_certificates::{self, Column, Model},
    retention_counts, retention_sweeps,
};
use levqor_platform::Platform;
use levqor_processes::SYSTEM;
use levqor_store::{DataError, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{
    ColumnTrait, EntityTrait, Insert, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Certificate, FORMAT, Line, Tenants, sign::Signer, totals::Totals};
use crate::{
    sweep::{SweepError, adopt, parts},
    time::rfc3339,
};

/// What certifying a sweep came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Certified {
    /// Number of the installation's certificate.
    pub number: i64,
    /// Certificates of tenants.
    pub tenants: u64,
    /// Rows that went, of all tenants.
    pub rows: i64,
    /// Objects that went.
    pub objects: i64,
    /// Nothing was left that could have gone.
    pub complete: bool,
}

/// Ends a sweep: no batch of it comes any more, each tenant that lost rows gets a certificate, the installation one with
/// the totals, all in one commit. It takes along what services of the scheduler deleted since the last, and what a sweep
/// that nobody ended left. A repeat changes nothing and answers the same.
///
/// # Errors
/// See [`SweepError`]; [`StoreError::Data`] when no such sweep was begun.
pub async fn certify(platform: &Platform, id: SweepId) -> Result<Certified, SweepError> {
    let signer = Signer::new(platform.secrets("retention")?)?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let sweep = retention_sweeps::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&*tx)
        .await;
    let Some(sweep) = sweep.map_err(|error| tx.error(error))? else {
        return Ok(issued(&tx, id).await?);
    };
    parts::close_all(&tx, id).await?;
    adopt(&tx, id, now).await?;
    let desk = Desk {
        tx: &tx,
        signer: &signer,
        sweep,
        now,
    };
    let certified = desk.issue().await?;
    desk.clear().await?;
    note(&tx, platform, now, &certified).await?;
    tx.commit().await?;
    Ok(certified)
}

async fn note(tx: &Tx, platform: &Platform, now: Timestamp, certified: &Certified) -> Result<(), StoreError> {
    let detail = json!(certified);
    let entry = Entry {
        tenant: SYSTEM,
        stream: "retention",
        kind: "retention.swept",
        actor: Actor::System,
        subject: None,
        detail: &detail,
    };
    levqor_audit::append(tx, platform, now, entry).await
}

/// What was certified before.
async fn issued(tx: &Tx, id: SweepId) -> Result<Certified, StoreError> {
    let own = retention_certificates::secure_find(SYSTEM).filter(Column::SweepId.eq(id));
    let found = own.one(&**tx).await.map_err(|error| tx.error(error))?;
    let unknown = || StoreError::Data(DataError(format!("no sweep {id} was begun")));
    certified(&found.ok_or_else(unknown)?)
}

fn certified(row: &Model) -> Result<Certified, StoreError> {
    let body: Certificate =
        serde_json::from_slice(&row.body).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Certified {
        number: body.number,
        tenants: body.tenants.as_ref().map_or(0, |tenants| tenants.count),
        rows: body.datasets.iter().map(|line| line.rows).sum(),
        objects: body.datasets.iter().map(|line| line.objects).sum(),
        complete: body.datasets.iter().all(|line| line.complete),
    })
}

/// One sweep about to be certified, its row held.
struct Desk<'a> {
    tx: &'a Tx,
    signer: &'a Signer,
    sweep: retention_sweeps::Model,
    now: Timestamp,
}

impl Desk<'_> {
    async fn issue(&self) -> Result<Certified, StoreError> {
        let parts = parts::of_sweep(self.tx, self.sweep.id).await?;
        let totals = Totals {
            as_of: self.sweep.as_of,
            parts: &parts,
        };
        let counts = retention_counts::of_sweep(self.sweep.id).all(&**self.tx).await;
        let counts = counts.map_err(|error| self.tx.error(error))?;
        let mut of_tenants: BTreeMap<TenantId, Vec<&retention_counts::Model>> = BTreeMap::new();
        for row in counts.iter().filter(|row| row.tenant_id != SYSTEM) {
            of_tenants.entry(row.tenant_id).or_default().push(row);
        }
        let mut hashes = Vec::new();
        // In the same order in every sweep, so that two of them cannot wait for each other.
        for (tenant, counts) in of_tenants {
            hashes.push(self.put(tenant, &totals.of_tenant(&counts), None).await?.hash);
        }
        let all = self
            .put(SYSTEM, &totals.of_all(&counts), Some(&tenants(hashes)))
            .await?;
        certified(&all)
    }

    /// The next certificate of the tenant's chain. Who was slower at the same number tries the next.
    async fn put(
        &self,
        tenant: TenantId,
        lines: &[Line],
        tenants: Option<&Tenants>,
    ) -> Result<Model, StoreError> {
        loop {
            let head = retention_certificates::secure_find(tenant).order_by_desc(Column::Number);
            let head = head.one(&**self.tx).await.map_err(|error| self.tx.error(error))?;
            let row = self.row(tenant, head.as_ref(), lines, tenants)?;
            let key = [Column::TenantId, Column::Number];
            let once = OnConflict::columns(key).do_nothing().to_owned();
            let new = Insert::one(row.clone().into_active_model()).on_conflict(once);
            let written = new.exec_without_returning(&**self.tx).await;
            if written.map_err(|error| self.tx.error(error))? > 0 {
                return Ok(row);
            }
        }
    }

    fn row(
        &self,
        tenant: TenantId,
        head: Option<&Model>,
        lines: &[Line],
        tenants: Option<&Tenants>,
    ) -> Result<Model, StoreError> {
        let number = head.map_or(1, |head| head.number + 1);
        let body = Certificate {
            format: FORMAT.to_owned(),
            tenant: tenant.to_string(),
            number,
            previous: head.map(|head| hex::encode(&head.hash)),
            sweep: self.sweep.id.to_string(),
            as_of: rfc3339(self.sweep.as_of),
            issued_at: rfc3339(self.now),
            key: self.signer.key(),
            datasets: lines.to_vec(),
            tenants: tenants.cloned(),
        };
        let body = serde_json::to_vec(&body).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Model {
            tenant_id: tenant,
            number,
            sweep_id: self.sweep.id,
            issued_at: self.now,
            hash: Sha256::digest(&body).to_vec(),
            signature: self.signer.sign(&body),
            body,
        })
    }

    /// What was kept for the certificates alone; the parts go with their sweep.
    async fn clear(&self) -> Result<(), StoreError> {
        let own = retention_counts::Column::SweepId.eq(self.sweep.id);
        let counts = retention_counts::Entity::delete_many()
            .filter(own)
            .exec(&**self.tx)
            .await;
        counts.map_err(|error| self.tx.error(error))?;
        let sweep = retention_sweeps::Entity::delete_by_id(self.sweep.id)
            .exec(&**self.tx)
            .await;
        sweep.map(drop).map_err(|error| self.tx.error(error))
    }
}

/// See [`Tenants::digest`].
pub(super) fn tenants(mut hashes: Vec<Vec<u8>>) -> Tenants {
    hashes.sort();
    Tenants {
        count: hashes.len() as u64,
        digest: hex::encode(Sha256::digest(hashes.concat())),
    }
}
