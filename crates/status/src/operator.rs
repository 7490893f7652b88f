//! What operators tell people: incidents of their own, and notes on any. They act on the database itself, since no key of a
//! tenant is an operator's.

use levqor_entities::{
    ids::{IncidentId, NoteId},
    status_incidents::{self, Impact},
    status_notes,
};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, EntityTrait, Insert};

use crate::record::end;

/// Longest title, in characters.
const TITLE: usize = 200;

/// Longest note, in characters.
const NOTE: usize = 2_000;

/// Why an operator's word was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// There is no such incident.
    #[error("there is no such incident; `levqor status show` lists them")]
    Unknown,
    /// It was closed before.
    #[error("this incident is closed")]
    Closed,
    /// The text is empty, too long, or has control characters.
    #[error("the {0} must be 1 to {1} characters, none of them a control character")]
    Text(&'static str, usize),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens an incident that no probe closes; its id.
///
/// # Errors
/// [`OperatorError::Text`], and what the database says.
pub async fn open(platform: &Platform, title: &str, impact: Impact) -> Result<IncidentId, OperatorError> {
    let title = line("title", title, TITLE)?;
    let id = IncidentId(platform.ids.uuid_v7());
    let row = status_incidents::ActiveModel {
        id: Set(id),
        component: Set(None),
        impact: Set(impact),
        title: Set(title),
        opened_at: Set(platform.db.now().await?),
        closed_at: Set(None),
    };
    let tx = platform.db.begin().await?;
    let written = Insert::one(row).exec_without_returning(&*tx).await;
    written.map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(id)
}

/// Adds a note to an incident, open or closed.
///
/// # Errors
/// [`OperatorError::Unknown`], [`OperatorError::Text`], and what the database says.
pub async fn note(platform: &Platform, incident: IncidentId, text: &str) -> Result<(), OperatorError> {
    let text = line("note", text, NOTE)?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    find(&tx, incident).await?;
    write(&tx, platform, incident, now, text).await?;
    Ok(tx.commit().await?)
}

/// Closes an incident, with a note when there is one to say. One that probes opened is opened anew by the next two bad
/// snapshots.
///
/// # Errors
/// [`OperatorError::Unknown`], [`OperatorError::Closed`], [`OperatorError::Text`], and what the database says.
pub async fn close(
    platform: &Platform,
    incident: IncidentId,
    text: Option<&str>,
) -> Result<(), OperatorError> {
    let text = text.map(|text| line("note", text, NOTE)).transpose()?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    find(&tx, incident).await?;
    if !end(&tx, incident, now).await? {
        return Err(OperatorError::Closed);
    }
    if let Some(text) = text {
        write(&tx, platform, incident, now, text).await?;
    }
    Ok(tx.commit().await?)
}

async fn find(tx: &Tx, incident: IncidentId) -> Result<(), OperatorError> {
    let found = status_incidents::Entity::find_by_id(incident).one(&**tx).await;
    let found = found.map_err(|error| tx.error(error))?;
    found.map(drop).ok_or(OperatorError::Unknown)
}

async fn write(
    tx: &Tx,
    platform: &Platform,
    incident: IncidentId,
    at: Timestamp,
    text: String,
) -> Result<(), StoreError> {
    let row = status_notes::ActiveModel {
        id: Set(NoteId(platform.ids.uuid_v7())),
        incident_id: Set(incident),
        at: Set(at),
        text: Set(text),
    };
    let written = Insert::one(row).exec_without_returning(&**tx).await;
    written.map(drop).map_err(|error| tx.error(error))
}

fn line(what: &'static str, text: &str, longest: usize) -> Result<String, OperatorError> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
        .ok_or(OperatorError::Text(what, longest))
}
