//! Which letter goes when. Each is written once, whatever is repeated: the mail's key names the invoice and the stage.

use levqor_entities::{billing_accounts, billing_invoices};
use levqor_mail::{
    Envelope, Kind,
    letters::{
        Bill, DunningDay1, DunningDay7, DunningDay14, DunningSuspended, PaymentActionRequired,
        PaymentRecovered,
    },
};
use levqor_store::{StoreError, Timestamp};

use crate::{
    Facts, How, Letter, Money, Policy, Stage, Standing, Step, books::Turn, pay_link::pay_link, policy,
    trail::Desk,
};

/// The letter of a stage; false when it was written before or there is nobody to write to. Where the payment only waits
/// for the payer's bank, the first stage has the letter that says so instead.
pub(crate) async fn stage(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    row: &billing_invoices::Model,
    facts: &Facts,
    policy: &Policy,
    step: &Step,
) -> Result<bool, StoreError> {
    if step.stage == Stage::Day1Notice && facts.action.is_some() {
        return bank(desk, account, row, facts).await;
    }
    let bill = bill(desk, row, facts, policy);
    let key = step.stage.as_str();
    match step.letter {
        Letter::DunningDay1 => send(desk, account, row, key, &DunningDay1(bill)).await,
        Letter::DunningDay7 => send(desk, account, row, key, &DunningDay7(bill)).await,
        Letter::DunningDay14 => send(desk, account, row, key, &DunningDay14(bill)).await,
        Letter::DunningSuspended => send(desk, account, row, key, &DunningSuspended(bill)).await,
    }
}

/// Asks the payer to confirm the payment with its bank, while no more than the first stage is due; later letters speak
/// for themselves.
pub(crate) async fn bank(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    row: &billing_invoices::Model,
    facts: &Facts,
) -> Result<bool, StoreError> {
    let policy = policy::policy(&desk.platform.db, row.policy).await?;
    let due = row
        .since
        .and_then(|since| policy.due(since, desk.now))
        .map(|step| step.stage);
    if facts.action.is_none() || due > Some(Stage::Day1Notice) {
        return Ok(false);
    }
    let mut bill = bill(desk, row, facts, &policy);
    // Only the invoice's own page can ask the bank.
    bill.link = facts
        .newest
        .as_ref()
        .and_then(|newest| newest.url.clone())
        .or(bill.link);
    send(
        desk,
        account,
        row,
        "action_required",
        &PaymentActionRequired(bill),
    )
    .await
}

/// Tells that nothing is owed any more, after `last`.
pub(crate) async fn cleared(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    last: &Turn,
    reached: Stage,
) -> Result<(), StoreError> {
    let letter = PaymentRecovered {
        amount: amount(&last.facts, |newest| newest.due),
        invoice: number(&last.after, &last.facts),
        paid: last.standing == Standing::Ended(How::Paid),
        resumed: reached == Stage::Suspended,
    };
    send(desk, account, &last.after, "recovered", &letter)
        .await
        .map(drop)
}

async fn send<L: levqor_mail::Letter>(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    row: &billing_invoices::Model,
    what: &str,
    letter: &L,
) -> Result<bool, StoreError> {
    let Some(to) = account.email.clone() else {
        tracing::warn!(tenant = %account.tenant_id, letter = L::TEMPLATE, "nobody to write to: the account has no address");
        return Ok(false);
    };
    let envelope = Envelope {
        tenant: account.tenant_id,
        key: format!("dunning/{}/{what}", row.id),
        kind: Kind::Transactional,
        to,
        user: None,
        attachments: Vec::new(),
    };
    levqor_mail::enqueue(desk.tx, desk.platform, desk.now, envelope, letter).await
}

fn bill(desk: Desk<'_>, row: &billing_invoices::Model, facts: &Facts, policy: &Policy) -> Bill {
    let hosted = || facts.newest.as_ref().and_then(|newest| newest.url.clone());
    let ours = pay_link(desk.platform, row.tenant_id, desk.now).inspect_err(|error| tracing::warn!(%error));
    Bill {
        amount: amount(facts, |newest| newest.remaining),
        invoice: number(row, facts),
        link: ours.ok().or_else(hosted),
        suspension: row
            .since
            .and_then(|since| policy.suspension(since))
            .map(day)
            .unwrap_or_default(),
    }
}

fn amount(facts: &Facts, which: impl Fn(&crate::Snapshot) -> i64) -> String {
    let money = |newest: &crate::Snapshot| Money {
        minor: which(newest),
        currency: newest.currency.clone(),
    };
    facts
        .newest
        .as_ref()
        .map(|newest| money(newest).to_string())
        .unwrap_or_default()
}

fn number(row: &billing_invoices::Model, facts: &Facts) -> String {
    let number = facts.newest.as_ref().and_then(|newest| newest.number.clone());
    number.unwrap_or_else(|| row.id.clone())
}

/// `17 February 2026`, in UTC.
fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|at| at.strftime("%-d %B %Y").to_string())
        .unwrap_or_default()
}
