//! Taking an event in: it is stored as it came, and is to be processed, before Stripe is answered.

use levqor_entities::stripe_events::{self, State};
use levqor_store::{Db, StoreError};
use sea_orm::{ActiveValue::Set, Insert, PaginatorTrait, sea_query::OnConflict};

use crate::Event;

/// Stores the body of a verified message. False when its event is there already, however often Stripe repeats it.
pub async fn receive(db: &Db, body: &[u8]) -> Result<bool, StoreError> {
    let event = Event::of(body);
    let row = stripe_events::ActiveModel {
        tenant_id: Set(None),
        id: Set(event.id),
        kind: Set(event.kind),
        customer: Set(event.customer),
        body: Set(body.to_vec()),
        received_at: Set(db.now().await?),
        state: Set(State::Pending),
        processed_at: Set(None),
    };
    let tx = db.begin().await?;
    let written = Insert::one(row)
        .on_conflict(
            OnConflict::column(stripe_events::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(written > 0)
}

/// Events that nothing came of yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// To be processed in a moment.
    pub pending: u64,
    /// Their customer is no tenant's yet.
    pub unlinked: u64,
    /// Of a form that this program does not know; the log names them.
    pub unreadable: u64,
}

/// How many events wait, for the operator.
pub async fn waiting(db: &Db) -> Result<Waiting, StoreError> {
    let count = async |state| {
        stripe_events::find_in(state)
            .count(db.reader())
            .await
            .map_err(|error| db.error(error))
    };
    Ok(Waiting {
        pending: count(State::Pending).await?,
        unlinked: count(State::Unlinked).await?,
        unreadable: count(State::Unreadable).await?,
    })
}
