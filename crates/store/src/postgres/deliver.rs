//! Deliveries from outside (P2, P4, P7).

use std::collections::HashMap;

use uuid::Uuid;

use super::{error::store_error, line::Line, wake::wake};
use crate::{Delivery, DeliveryFate, StoreError};

/// The owner is compared before the wake, which goes by id alone (P7): a run never changes its tenant. The answer
/// has no row at all when the token was committed before.
const DELIVER: &str = concat!(
    "WITH won AS (
    INSERT INTO batches (token, at) VALUES ($1, now_us()) ON CONFLICT DO NOTHING RETURNING at
), mail AS MATERIALIZED (
    SELECT m.run_id, m.kind, m.body, m.ord
    FROM won, unnest($2::uuid[], $3::uuid[], $4::int2[], $5::bytea[])
        WITH ORDINALITY AS m (run_id, tenant_id, kind, body, ord)
    WHERE (SELECT l.tenant_id FROM live l WHERE l.id = m.run_id) = m.tenant_id
), ",
    wake!(),
    " SELECT woken.id, (SELECT l.tenant_id FROM live l WHERE l.id = woken.id), woken.epoch, woken.ring
FROM won LEFT JOIN woken ON true"
);

/// Where the addressees of a committed batch are now. Those that have ended are told as ended: no time says whether the
/// batch or the end came first.
const AGAIN: &str = "SELECT id, tenant_id, epoch, state = 0 AND ready FROM live WHERE id = ANY ($1)";

/// A woken run, or nulls when nobody was.
type MaybeWoken = (Option<Uuid>, Option<Uuid>, Option<i32>, Option<bool>);

/// Id, tenant, epoch and whether to ring.
type Woken = (Uuid, Uuid, i32, bool);

pub(super) async fn deliver(
    line: &Line,
    token: Uuid,
    deliveries: &[Delivery],
) -> Result<Vec<DeliveryFate>, StoreError> {
    let woken = match first(line, token, deliveries).await? {
        Some(woken) => woken,
        None => again(line, deliveries).await?,
    };
    let hints: HashMap<_, _> = woken
        .into_iter()
        .map(|(id, tenant, epoch, ring)| ((id, tenant), ring.then_some(epoch)))
        .collect();
    let fate = |delivery: &Delivery| match hints.get(&(delivery.run.0, delivery.tenant.0)) {
        Some(hint) => DeliveryFate::Delivered { hint: *hint },
        None => DeliveryFate::NotLive,
    };
    Ok(deliveries.iter().map(fate).collect())
}

/// None when the token was committed before.
async fn first(line: &Line, token: Uuid, deliveries: &[Delivery]) -> Result<Option<Vec<Woken>>, StoreError> {
    let runs: Vec<_> = deliveries.iter().map(|delivery| delivery.run.0).collect();
    let tenants: Vec<_> = deliveries.iter().map(|delivery| delivery.tenant.0).collect();
    let kinds: Vec<_> = deliveries.iter().map(|delivery| delivery.kind as i16).collect();
    let bodies: Vec<_> = deliveries
        .iter()
        .map(|delivery| delivery.body.as_slice())
        .collect();
    let query = sqlx::query_as(DELIVER)
        .bind(token)
        .bind(runs)
        .bind(tenants)
        .bind(kinds)
        .bind(bodies);
    let rows: Vec<MaybeWoken> = query.fetch_all(line).await.map_err(store_error)?;
    let woken = rows
        .iter()
        .filter_map(|row| Some((row.0?, row.1?, row.2?, row.3?)))
        .collect();
    Ok((!rows.is_empty()).then_some(woken))
}

async fn again(line: &Line, deliveries: &[Delivery]) -> Result<Vec<Woken>, StoreError> {
    let runs: Vec<_> = deliveries.iter().map(|delivery| delivery.run.0).collect();
    sqlx::query_as(AGAIN)
        .bind(runs)
        .fetch_all(line)
        .await
        .map_err(store_error)
}
