//! What became of fenced writes that changed no row (P3): found committed by an earlier try, refused because of a
//! newer inbox row (P6, P8), or fenced.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{error::store_error, line::Line, rows};
use crate::{Append, End, InboxRow, Park, RunState, StoreError, WriteFate};

/// Which (run, seq) hold these bytes, written under this epoch.
const JOURNALED: &str = "
SELECT run_id FROM journal
WHERE run_id = ANY ($1::uuid[])
  AND seq = ($2::int4[])[array_position($1, run_id)]
  AND epoch = ($3::int4[])[array_position($1, run_id)]
  AND body = ($4::bytea[])[array_position($1, run_id)]";

/// Which runs ended under this epoch with these bytes. Each id is looked up by itself, which reads one range of
/// each class.
const ENDED: &str = "
SELECT r.id FROM unnest($1::uuid[]) WITH ORDINALITY AS r (id, p)
WHERE (SELECT true FROM ended e
       WHERE e.id = r.id AND e.epoch = ($2::int4[])[p] AND e.state = ($3::int2[])[p]
         AND e.output IS NOT DISTINCT FROM ($4::bytea[])[p] AND e.error IS NOT DISTINCT FROM ($5::bytea[])[p]
         AND e.journal = ($6::bytea[])[p]
       LIMIT 1)";

const LIVE: &str = "SELECT id, state, epoch, seq, inbox, parked FROM live WHERE id = ANY ($1::uuid[])";

const NEWER: &str = "
SELECT n, kind, body, at, run_id FROM inbox
WHERE run_id = ANY ($1::uuid[]) AND n > ($2::int4[])[array_position($1, run_id)]
ORDER BY run_id, n";

/// A live row as it is now.
struct Live {
    running: bool,
    epoch: i32,
    seq: i32,
    inbox: i32,
    parked: Option<i32>,
}

/// The place in the journal that a write was to take.
struct Place<'a> {
    run: Uuid,
    seq: i32,
    epoch: i32,
    body: &'a [u8],
}

pub(super) async fn of_appends(
    line: &Line,
    appends: &[Append],
    written: &[Uuid],
) -> Result<Vec<WriteFate>, StoreError> {
    let mut done: HashSet<_> = written.iter().copied().collect();
    let missed = appends.iter().filter(|append| !done.contains(&append.run.0));
    let places: Vec<_> = missed
        .map(|a| Place {
            run: a.run.0,
            seq: a.seq,
            epoch: a.epoch,
            body: &a.body,
        })
        .collect();
    done.extend(journaled(line, &places).await?);
    let fate = |append: &Append| {
        if done.contains(&append.run.0) {
            WriteFate::Committed
        } else {
            WriteFate::Fenced
        }
    };
    Ok(appends.iter().map(fate).collect())
}

/// A park that journaled is known by its row, one that did not by the live row's `parked`.
pub(super) async fn of_parks(
    line: &Line,
    parks: &[Park],
    written: &[Uuid],
) -> Result<Vec<WriteFate>, StoreError> {
    let mut done: HashSet<_> = written.iter().copied().collect();
    let missed: Vec<_> = parks.iter().filter(|park| !done.contains(&park.run.0)).collect();
    if missed.is_empty() {
        return Ok(vec![WriteFate::Committed; parks.len()]);
    }
    let journaling = missed
        .iter()
        .filter_map(|park| park.body.as_deref().map(|body| (park, body)));
    let place = |(park, body): (&&Park, _)| Place {
        run: park.run.0,
        seq: park.seq,
        epoch: park.epoch,
        body,
    };
    done.extend(journaled(line, &journaling.map(place).collect::<Vec<_>>()).await?);
    let found = live(line, missed.iter().map(|park| park.run.0).collect()).await?;
    done.extend(
        missed
            .iter()
            .filter(|park| {
                let parked = found.get(&park.run.0).and_then(|row| row.parked);
                park.body.is_none() && parked == Some(park.epoch)
            })
            .map(|park| park.run.0),
    );
    let compared = missed
        .iter()
        .map(|park| (park.run.0, park.epoch, park.seq, park.inbox));
    let mut moved = moved(line, &found, compared, &done).await?;
    Ok(parks
        .iter()
        .map(|park| fate(park.run.0, &done, &mut moved))
        .collect())
}

pub(super) async fn of_ends(
    line: &Line,
    ends: &[End],
    written: &[Uuid],
) -> Result<Vec<WriteFate>, StoreError> {
    let mut done: HashSet<_> = written.iter().copied().collect();
    let missed: Vec<_> = ends.iter().filter(|end| !done.contains(&end.run.0)).collect();
    if missed.is_empty() {
        return Ok(vec![WriteFate::Committed; ends.len()]);
    }
    done.extend(ended(line, &missed).await?);
    let found = live(line, missed.iter().map(|end| end.run.0).collect()).await?;
    let compared = missed
        .iter()
        .map(|end| (end.run.0, end.epoch, end.seq, end.inbox));
    let mut moved = moved(line, &found, compared, &done).await?;
    Ok(ends
        .iter()
        .map(|end| fate(end.run.0, &done, &mut moved))
        .collect())
}

fn fate(run: Uuid, done: &HashSet<Uuid>, moved: &mut HashMap<Uuid, Vec<InboxRow>>) -> WriteFate {
    match moved.remove(&run) {
        _ if done.contains(&run) => WriteFate::Committed,
        Some(rows) => WriteFate::InboxMoved(rows),
        None => WriteFate::Fenced,
    }
}

async fn journaled(line: &Line, places: &[Place<'_>]) -> Result<Vec<Uuid>, StoreError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let runs: Vec<_> = places.iter().map(|place| place.run).collect();
    let seqs: Vec<_> = places.iter().map(|place| place.seq.saturating_add(1)).collect();
    let epochs: Vec<_> = places.iter().map(|place| place.epoch).collect();
    let bodies: Vec<_> = places.iter().map(|place| place.body).collect();
    let query = sqlx::query_scalar(JOURNALED)
        .bind(runs)
        .bind(seqs)
        .bind(epochs)
        .bind(bodies);
    query.fetch_all(line).await.map_err(store_error)
}

async fn ended(line: &Line, ends: &[&End]) -> Result<Vec<Uuid>, StoreError> {
    let runs: Vec<_> = ends.iter().map(|end| end.run.0).collect();
    let epochs: Vec<_> = ends.iter().map(|end| end.epoch).collect();
    let states: Vec<_> = ends.iter().map(|end| RunState::from(end.state).code()).collect();
    let outputs: Vec<_> = ends.iter().map(|end| end.output.as_deref()).collect();
    let errors: Vec<_> = ends.iter().map(|end| end.error.as_deref()).collect();
    let journals: Vec<_> = ends.iter().map(|end| end.journal.as_slice()).collect();
    let query = sqlx::query_scalar(ENDED)
        .bind(runs)
        .bind(epochs)
        .bind(states)
        .bind(outputs)
        .bind(errors);
    query.bind(journals).fetch_all(line).await.map_err(store_error)
}

async fn live(line: &Line, runs: Vec<Uuid>) -> Result<HashMap<Uuid, Live>, StoreError> {
    let rows: Vec<(Uuid, i16, i32, i32, i32, Option<i32>)> = sqlx::query_as(LIVE)
        .bind(runs)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let read = |(id, state, epoch, seq, inbox, parked)| {
        (
            id,
            Live {
                running: state == RunState::Running.code(),
                epoch,
                seq,
                inbox,
                parked,
            },
        )
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Newer inbox rows of those whose fence holds and whose inbox alone has moved: a fence goes before the inbox.
async fn moved(
    line: &Line,
    found: &HashMap<Uuid, Live>,
    compared: impl Iterator<Item = (Uuid, i32, i32, i32)>,
    done: &HashSet<Uuid>,
) -> Result<HashMap<Uuid, Vec<InboxRow>>, StoreError> {
    let (runs, folded): (Vec<_>, Vec<_>) = compared
        .filter(|(run, epoch, seq, inbox)| {
            let holds =
                |row: &Live| row.running && (row.epoch, row.seq) == (*epoch, *seq) && row.inbox > *inbox;
            !done.contains(run) && found.get(run).is_some_and(holds)
        })
        .map(|(run, _, _, inbox)| (run, inbox))
        .unzip();
    let mut moved: HashMap<Uuid, Vec<InboxRow>> = HashMap::new();
    if runs.is_empty() {
        return Ok(moved);
    }
    for row in sqlx::query(NEWER)
        .bind(runs)
        .bind(folded)
        .fetch_all(line)
        .await
        .map_err(store_error)?
    {
        let run = sqlx::Row::try_get(&row, 4).map_err(store_error)?;
        moved.entry(run).or_default().push(rows::inbox_row(&row, 0)?);
    }
    Ok(moved)
}
