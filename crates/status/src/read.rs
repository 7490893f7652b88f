//! The status as people read it.

use std::time::Duration;

use levqor_entities::{
    status_incidents::{self, Impact, Model as Incident},
    status_notes::{self, Model as Note},
    status_snapshots::{self, State},
};
use levqor_store::{Db, StoreError, Timestamp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Component, Measured, Uptime, record::read};

/// Windows over which uptime is told.
pub const WINDOWS: [(&str, Duration); 3] = [
    ("24h", Duration::from_hours(24)),
    ("7d", Duration::from_hours(24 * 7)),
    ("30d", Duration::from_hours(24 * 30)),
];

/// The longest slot that a setting can make: one that began so long before a window may reach into it.
const LONGEST: i64 = 3_600_000_000;

/// Incidents shown at most, the newest.
const INCIDENTS: u64 = 100;

/// What people are told.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was read.
    pub now: Timestamp,
    /// The whole: the last snapshot's, or worse when an operator says so; unknown when the last one is old.
    pub state: State,
    /// When the parts were measured; none when they never were.
    pub measured_at: Option<Timestamp>,
    /// The parts as they were measured last.
    pub components: Vec<Component>,
    /// Uptime over each of [`WINDOWS`].
    pub uptime: [Uptime; 3],
    /// Incidents that are open or ended in the last thirty days, the newest first.
    pub incidents: Vec<Told>,
}

/// An incident with what operators said of it, the oldest note first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The incident.
    pub incident: Incident,
    /// The notes.
    pub notes: Vec<Note>,
}

/// Reads it all.
pub async fn status(db: &Db) -> Result<Status, StoreError> {
    let now = db.now().await?;
    let last = status_snapshots::Entity::find()
        .order_by_desc(status_snapshots::Column::Slot)
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let windows = WINDOWS.map(|(_, length)| back(now, length));
    let incidents = incidents(db, windows[2]).await?;
    let measured = measured(db, windows[2], now).await?;
    let said = incidents
        .iter()
        .map(|told| &told.incident)
        .filter(|incident| incident.component.is_none() && incident.closed_at.is_none());
    Ok(Status {
        now,
        state: whole(last.as_ref(), now, said.map(|incident| incident.impact).max()),
        measured_at: last.as_ref().map(|last| last.at),
        components: last
            .as_ref()
            .map_or_else(|| Ok(Vec::new()), |last| read(last).map(|last| last.components))?,
        uptime: windows.map(|from| Uptime::over(&measured, from, now)),
        incidents,
    })
}

/// Uptime in `from..to`.
pub async fn uptime(db: &Db, from: Timestamp, to: Timestamp) -> Result<Uptime, StoreError> {
    Ok(Uptime::over(&measured(db, from, to).await?, from, to))
}

fn back(now: Timestamp, length: Duration) -> Timestamp {
    Timestamp(now.0 - i64::try_from(length.as_micros()).unwrap_or(i64::MAX))
}

/// An old snapshot says nothing of now: two slots and a minute are what a change of leaders may take.
fn whole(last: Option<&status_snapshots::Model>, now: Timestamp, said: Option<Impact>) -> State {
    let fresh = last.filter(|last| now.0 - last.slot.0 <= 2 * last.length + 60_000_000);
    let measured = fresh.map_or(State::Unknown, |last| last.state);
    match (said, measured) {
        (Some(Impact::Down), _) | (_, State::Down) => State::Down,
        (Some(Impact::Degraded), _) => State::Degraded,
        (None, measured) => measured,
    }
}

async fn measured(db: &Db, from: Timestamp, to: Timestamp) -> Result<Vec<Measured>, StoreError> {
    let rows: Vec<(Timestamp, i64, State)> = status_snapshots::Entity::find()
        .select_only()
        .column(status_snapshots::Column::Slot)
        .column(status_snapshots::Column::Length)
        .column(status_snapshots::Column::State)
        .filter(status_snapshots::Column::Slot.gte(Timestamp(from.0 - LONGEST)))
        .filter(status_snapshots::Column::Slot.lt(to))
        .order_by_asc(status_snapshots::Column::Slot)
        .into_tuple()
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let measured = |(slot, length, state)| Measured { slot, length, state };
    Ok(rows.into_iter().map(measured).collect())
}

async fn incidents(db: &Db, since: Timestamp) -> Result<Vec<Told>, StoreError> {
    let recent = Condition::any()
        .add(status_incidents::Column::ClosedAt.is_null())
        .add(status_incidents::Column::ClosedAt.gte(since));
    let incidents = status_incidents::Entity::find()
        .filter(recent)
        .order_by_desc(status_incidents::Column::OpenedAt)
        .order_by_desc(status_incidents::Column::Id)
        .limit(INCIDENTS)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let notes = status_notes::Entity::find()
        .filter(status_notes::Column::IncidentId.is_in(incidents.iter().map(|incident| incident.id)))
        .order_by_asc(status_notes::Column::At)
        .order_by_asc(status_notes::Column::Id)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let told = |incident: Incident| Told {
        notes: notes
            .iter()
            .filter(|note| note.incident_id == incident.id)
            .cloned()
            .collect(),
        incident,
    };
    Ok(incidents.into_iter().map(told).collect())
}
