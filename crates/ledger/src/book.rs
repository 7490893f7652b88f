//! Entering: the day's sums with their costs, and the minor units that these come to.

use std::collections::BTreeMap;

use levqor_entities::{
    ledger_accounts::{self, Column as AccountColumn},
    ledger_entries, ledger_postings,
    usage_days::{self, Column as DayColumn},
};
use levqor_platform::Platform;
use levqor_store::{LedgerEntryId, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, Insert, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::{
    Accounting, MICROS,
    chart::{CALLS, MAILS, Pair, VALUE, WORKER},
    fold::{Place, Quantities},
};

/// A transaction of the books. Nobody else books meanwhile ([`Tx::take_usage`]), so what is read here stays true.
pub(crate) struct Book<'a> {
    tx: &'a Tx,
    platform: &'a Platform,
    accounting: &'a Accounting,
    now: Timestamp,
    /// Accounts that were looked at, and whether they have a row.
    accounts: BTreeMap<(TenantId, &'static str), (ledger_accounts::Model, bool)>,
}

/// Costs, in millionths of a minor unit.
pub(crate) struct Costs {
    pub(crate) worker: i64,
    pub(crate) calls: i64,
    pub(crate) mails: i64,
}

impl<'a> Book<'a> {
    pub(crate) fn new(
        tx: &'a Tx,
        platform: &'a Platform,
        accounting: &'a Accounting,
        now: Timestamp,
    ) -> Self {
        Self {
            tx,
            platform,
            accounting,
            now,
            accounts: BTreeMap::new(),
        }
    }

    /// Adds to the day, and makes an entry when that comes to a minor unit; what it all costs.
    pub(crate) async fn enter(&mut self, place: &Place, used: &Quantities) -> Result<Costs, StoreError> {
        let costs = self.add_to_day(place, used).await?;
        let mut moves = vec![(VALUE, used.earned)];
        for (pair, micros) in [(WORKER, costs.worker), (CALLS, costs.calls), (MAILS, costs.mails)] {
            moves.push((pair, self.carry(place.tenant, pair, micros).await?));
        }
        moves.retain(|(_, amount)| *amount > 0);
        if moves.is_empty() {
            return Ok(costs);
        }
        let entry = self.insert_entry(place, used).await?;
        for (line, (pair, amount)) in (0..).zip(moves) {
            self.post(place.tenant, entry, line, pair, amount).await?;
        }
        Ok(costs)
    }

    /// Writes the balances.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        let Self { tx, accounts, .. } = self;
        for (account, stored) in accounts.into_values() {
            let written = if stored {
                let change = ledger_accounts::ActiveModel {
                    balance: Set(account.balance),
                    carry: Set(account.carry),
                    ..ledger_accounts::ActiveModel::default()
                };
                ledger_accounts::secure_update(account.tenant_id)
                    .set(change)
                    .filter(AccountColumn::Account.eq(account.account))
                    .filter(AccountColumn::Currency.eq(account.currency))
                    .exec(&**tx)
                    .await
                    .map(drop)
            } else {
                insert(tx, account).await
            };
            written.map_err(|error| tx.error(error))?;
        }
        Ok(())
    }

    async fn add_to_day(&self, place: &Place, used: &Quantities) -> Result<Costs, StoreError> {
        let stored = usage_days::secure_find(place.tenant)
            .filter(DayColumn::Day.eq(place.day))
            .filter(DayColumn::Workflow.eq(&place.workflow))
            .filter(DayColumn::KeyId.eq(place.key))
            .one(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))?;
        let carry = stored.as_ref().map_or(0, |day| day.worker_carry);
        let prices = self.accounting.prices;
        let (worker, worker_carry) = prices.worker(used.worker_us, carry);
        let costs = Costs {
            worker,
            calls: used.calls.saturating_mul(prices.call),
            mails: used.mails.saturating_mul(prices.mail),
        };
        let known = stored.is_some();
        let day = sum(stored.unwrap_or_else(|| empty(place)), used, &costs, worker_carry);
        let written = if known {
            usage_days::secure_update(place.tenant)
                .set(amounts(&day))
                .filter(DayColumn::Day.eq(place.day))
                .filter(DayColumn::Workflow.eq(&place.workflow))
                .filter(DayColumn::KeyId.eq(place.key))
                .exec(&**self.tx)
                .await
                .map(drop)
        } else {
            insert(self.tx, day).await
        };
        written.map_err(|error| self.tx.error(error))?;
        Ok(costs)
    }

    async fn account(
        &mut self,
        tenant: TenantId,
        name: &'static str,
    ) -> Result<&mut ledger_accounts::Model, StoreError> {
        if !self.accounts.contains_key(&(tenant, name)) {
            let found = ledger_accounts::secure_find(tenant)
                .filter(AccountColumn::Account.eq(name))
                .filter(AccountColumn::Currency.eq(&self.accounting.currency))
                .one(&**self.tx)
                .await
                .map_err(|error| self.tx.error(error))?;
            let stored = found.is_some();
            let account = found.unwrap_or_else(|| ledger_accounts::Model {
                tenant_id: tenant,
                account: name.to_owned(),
                currency: self.accounting.currency.clone(),
                balance: 0,
                carry: 0,
            });
            self.accounts.insert((tenant, name), (account, stored));
        }
        let account = self.accounts.get_mut(&(tenant, name));
        let lost = || StoreError::Corrupt(format!("the account {name} was not read"));
        account.map(|(account, _)| account).ok_or_else(lost)
    }

    /// Adds to what the pair carries; the minor units that this comes to, which are carried no more.
    async fn carry(&mut self, tenant: TenantId, pair: Pair, micros: i64) -> Result<i64, StoreError> {
        if micros == 0 {
            return Ok(0);
        }
        let account = self.account(tenant, pair.debit).await?;
        let total = account.carry.saturating_add(micros);
        account.carry = total % MICROS;
        Ok(total / MICROS)
    }

    async fn insert_entry(&self, place: &Place, used: &Quantities) -> Result<LedgerEntryId, StoreError> {
        let prices = self.accounting.prices;
        let detail = json!({
            "completed": used.completed, "faulted": used.faulted, "cancelled": used.cancelled,
            "worker_us": used.worker_us, "calls": used.calls, "mails": used.mails, "value": used.earned,
            "prices": {"worker_hour": prices.worker_hour, "call": prices.call, "mail": prices.mail},
        });
        let id = LedgerEntryId(self.platform.ids.uuid_v7());
        let entry = ledger_entries::Model {
            id,
            tenant_id: place.tenant,
            at: self.now,
            day: place.day,
            workflow: place.workflow.clone(),
            key_id: Some(place.key).filter(|key| !key.0.is_nil()),
            currency: self.accounting.currency.clone(),
            detail: detail.to_string(),
        };
        insert(self.tx, entry)
            .await
            .map_err(|error| self.tx.error(error))?;
        Ok(id)
    }

    async fn post(
        &mut self,
        tenant: TenantId,
        entry: LedgerEntryId,
        line: i64,
        pair: Pair,
        amount: i64,
    ) -> Result<(), StoreError> {
        let posting = ledger_postings::Model {
            entry_id: entry,
            line,
            tenant_id: tenant,
            debit: pair.debit.to_owned(),
            credit: pair.credit.to_owned(),
            amount,
        };
        insert(self.tx, posting)
            .await
            .map_err(|error| self.tx.error(error))?;
        for (name, change) in [(pair.debit, amount), (pair.credit, -amount)] {
            let account = self.account(tenant, name).await?;
            account.balance = account.balance.saturating_add(change);
        }
        Ok(())
    }
}

async fn insert<M, A>(tx: &Tx, row: M) -> Result<(), sea_orm::DbErr>
where
    M: IntoActiveModel<A>,
    A: sea_orm::ActiveModelTrait,
{
    Insert::one(row.into_active_model())
        .exec_without_returning(&**tx)
        .await
        .map(drop)
}

fn empty(place: &Place) -> usage_days::Model {
    usage_days::Model {
        tenant_id: place.tenant,
        day: place.day,
        workflow: place.workflow.clone(),
        key_id: place.key,
        completed: 0,
        faulted: 0,
        cancelled: 0,
        worker_us: 0,
        calls: 0,
        mails: 0,
        earned: 0,
        cost_worker: 0,
        cost_calls: 0,
        cost_mails: 0,
        worker_carry: 0,
    }
}

fn sum(mut day: usage_days::Model, used: &Quantities, costs: &Costs, worker_carry: i64) -> usage_days::Model {
    for (sum, more) in [
        (&mut day.completed, used.completed),
        (&mut day.faulted, used.faulted),
        (&mut day.cancelled, used.cancelled),
        (&mut day.worker_us, used.worker_us),
        (&mut day.calls, used.calls),
        (&mut day.mails, used.mails),
        (&mut day.earned, used.earned),
        (&mut day.cost_worker, costs.worker),
        (&mut day.cost_calls, costs.calls),
        (&mut day.cost_mails, costs.mails),
    ] {
        *sum = sum.saturating_add(more);
    }
    day.worker_carry = worker_carry;
    day
}

/// What changes in a day's row.
fn amounts(day: &usage_days::Model) -> usage_days::ActiveModel {
    usage_days::ActiveModel {
        completed: Set(day.completed),
        faulted: Set(day.faulted),
        cancelled: Set(day.cancelled),
        worker_us: Set(day.worker_us),
        calls: Set(day.calls),
        mails: Set(day.mails),
        earned: Set(day.earned),
        cost_worker: Set(day.cost_worker),
        cost_calls: Set(day.cost_calls),
        cost_mails: Set(day.cost_mails),
        worker_carry: Set(day.worker_carry),
        ..usage_days::ActiveModel::default()
    }
}
