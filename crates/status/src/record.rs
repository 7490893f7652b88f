//! Writing a snapshot, and what follows from it.

use levqor_entities::{
    ids::IncidentId,
    status_incidents::{self, Impact, Model as Incident},
    status_snapshots,
};
use levqor_platform::Platform;
use levqor_store::{Db, StoreError, Timestamp, Tx};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, Insert, IntoActiveModel, QueryFilter, QueryOrder,
    TryInsertResult, sea_query::Expr,
};

use crate::{
    Component,
    component::overall,
    incidents::{Change, Seen, change, title},
};

/// What was measured in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Beginning of the slot.
    pub slot: Timestamp,
    /// Length of the slot, in microseconds.
    pub length: i64,
    /// When it was measured.
    pub at: Timestamp,
    /// How its parts are.
    pub components: Vec<Component>,
}

/// What came of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// False when the slot had one already: then nothing else came of it.
    pub new: bool,
    /// Titles of incidents that it opened.
    pub opened: Vec<String>,
    /// Titles of incidents that it closed.
    pub closed: Vec<String>,
}

/// Whether the slot has a snapshot.
pub async fn recorded(db: &Db, slot: Timestamp) -> Result<bool, StoreError> {
    let found = status_snapshots::Entity::find_by_id(slot).one(db.reader()).await;
    found.map(|row| row.is_some()).map_err(|error| db.error(error))
}

/// Writes a snapshot and opens and closes incidents, in one transaction; nothing when the slot has one. A snapshot that
/// comes after a later one changes no incident.
pub async fn record(platform: &Platform, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
    let tx = platform.db.begin().await?;
    let mut recorded = Recorded {
        new: insert(&tx, snapshot).await?,
        ..Recorded::default()
    };
    let newest = newest_but(&tx, snapshot.slot).await?;
    let last = newest.as_ref().is_none_or(|newest| newest.slot < snapshot.slot);
    if recorded.new && last {
        let before = newest.map(|row| read(&row)).transpose()?;
        follow(&tx, platform, snapshot, before.as_ref(), &mut recorded).await?;
    }
    tx.commit().await?;
    Ok(recorded)
}

/// A stored row as it was written.
pub(crate) fn read(row: &status_snapshots::Model) -> Result<Snapshot, StoreError> {
    let components = serde_json::from_str(&row.components)
        .map_err(|error| StoreError::Corrupt(format!("a status snapshot: {error}")))?;
    Ok(Snapshot {
        slot: row.slot,
        length: row.length,
        at: row.at,
        components,
    })
}

async fn insert(tx: &Tx, snapshot: &Snapshot) -> Result<bool, StoreError> {
    let components = serde_json::to_string(&snapshot.components)
        .map_err(|error| StoreError::Corrupt(format!("a status snapshot: {error}")))?;
    let row = status_snapshots::Model {
        slot: snapshot.slot,
        length: snapshot.length,
        at: snapshot.at,
        state: overall(&snapshot.components),
        components,
    };
    let written = status_snapshots::insert_new(row.into_active_model())
        .exec_without_returning(&**tx)
        .await;
    let written = written.map_err(|error| tx.error(error))?;
    Ok(matches!(written, TryInsertResult::Inserted(1..)))
}

async fn newest_but(tx: &Tx, slot: Timestamp) -> Result<Option<status_snapshots::Model>, StoreError> {
    let newest = status_snapshots::Entity::find()
        .filter(status_snapshots::Column::Slot.ne(slot))
        .order_by_desc(status_snapshots::Column::Slot)
        .one(&**tx)
        .await;
    newest.map_err(|error| tx.error(error))
}

async fn follow(
    tx: &Tx,
    platform: &Platform,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    recorded: &mut Recorded,
) -> Result<(), StoreError> {
    let open = status_incidents::Entity::find()
        .filter(status_incidents::Column::Component.is_not_null())
        .filter(status_incidents::Column::ClosedAt.is_null())
        .all(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    for component in &snapshot.components {
        let incident = open
            .iter()
            .find(|incident| incident.component.as_deref() == Some(&component.name));
        let was = before.and_then(|before| seen(before, &component.name));
        let Some(is) = seen(snapshot, &component.name) else {
            continue;
        };
        match (change(incident, was, is), incident) {
            (Some(Change::Open(since, impact)), _) => {
                recorded.opened.push(title(&component.name, impact));
                begin(tx, platform, &component.name, since, impact).await?;
            }
            (Some(Change::Worsen(impact)), Some(incident)) => worsen(tx, incident, impact).await?,
            (Some(Change::Close(at)), Some(incident)) => {
                recorded.closed.push(incident.title.clone());
                end(tx, incident.id, at).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn seen(snapshot: &Snapshot, name: &str) -> Option<Seen> {
    let component = snapshot
        .components
        .iter()
        .find(|component| component.name == name)?;
    Some(Seen {
        at: snapshot.at,
        length: snapshot.length,
        state: component.state,
    })
}

async fn begin(
    tx: &Tx,
    platform: &Platform,
    component: &str,
    since: Timestamp,
    impact: Impact,
) -> Result<(), StoreError> {
    let row = status_incidents::ActiveModel {
        id: Set(IncidentId(platform.ids.uuid_v7())),
        component: Set(Some(component.to_owned())),
        impact: Set(impact),
        title: Set(title(component, impact)),
        opened_at: Set(since),
        closed_at: Set(None),
    };
    let written = Insert::one(row).exec_without_returning(&**tx).await;
    written.map(drop).map_err(|error| tx.error(error))
}

async fn worsen(tx: &Tx, incident: &Incident, impact: Impact) -> Result<(), StoreError> {
    let component = incident.component.as_deref().unwrap_or_default();
    let changed = status_incidents::Entity::update_many()
        .filter(status_incidents::Column::Id.eq(incident.id))
        .col_expr(status_incidents::Column::Impact, Expr::value(impact))
        .col_expr(
            status_incidents::Column::Title,
            Expr::value(title(component, impact)),
        )
        .exec(&**tx)
        .await;
    changed.map(drop).map_err(|error| tx.error(error))
}

/// Ends an open incident; whether there was one.
pub(crate) async fn end(tx: &Tx, id: IncidentId, at: Timestamp) -> Result<bool, StoreError> {
    let changed = status_incidents::Entity::update_many()
        .filter(status_incidents::Column::Id.eq(id))
        .filter(status_incidents::Column::ClosedAt.is_null())
        .col_expr(status_incidents::Column::ClosedAt, Expr::value(at))
        .exec(&**tx)
        .await;
    changed
        .map(|changed| changed.rows_affected > 0)
        .map_err(|error| tx.error(error))
}
