//! Finds workers whose beat stands still and frees the runs they held (P10).

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use levqor_store::{Beat, StoreError, WorkerId};
use tokio::time::Instant;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

const PAUSE: Duration = Duration::from_secs(1);
const BATCH: u16 = 1_000;

/// Rows of dead workers are looked for at each death, and this often for what came late to a dead one (P10). The
/// look reads the whole backlog, so it is rare.
const RESCUE: Duration = Duration::from_secs(5);

/// A pass that comes later than this after the one before proves nothing about anybody's beat.
const GAP: Duration = Duration::from_secs(3);

/// The beats seen, with the moment (of this process's monotonic clock) each last moved.
#[derive(Default)]
pub(crate) struct Rescuer {
    seen: HashMap<WorkerId, (i64, Instant)>,
    last_pass: Option<Instant>,
    rescued: Option<Instant>,
}

impl Rescuer {
    /// Takes in the beats of one healthy reading; those that stood still for the whole lease.
    fn watch(&mut self, beats: &[Beat], now: Instant, lease: Duration) -> Vec<(WorkerId, i64)> {
        let healthy = self.last_pass.is_some_and(|last| now.duration_since(last) <= GAP);
        self.last_pass = Some(now);
        if !healthy {
            self.seen.clear();
        }
        self.seen
            .retain(|worker, _| beats.iter().any(|b| b.worker == *worker));
        let mut still = Vec::new();
        for beat in beats {
            let entry = self.seen.entry(beat.worker).or_insert((beat.beats, now));
            if entry.0 != beat.beats {
                *entry = (beat.beats, now);
            } else if now.duration_since(entry.1) >= lease {
                still.push((beat.worker, beat.beats));
            }
        }
        still
    }
}

#[async_trait]
impl Service for Rescuer {
    const NAME: &'static str = "rescuer";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let beats = match context.read_beats().await {
            Ok(beats) => beats,
            Err(error) => {
                // An outage expires nobody: everybody is watched anew after it.
                self.last_pass = None;
                return Err(error);
            }
        };
        let mut due = self.rescued.is_none_or(|at| at.elapsed() >= RESCUE);
        for (worker, beats) in self.watch(&beats, Instant::now(), context.options.worker_lease) {
            if context.store.bury(context.term, worker, beats).await? {
                tracing::warn!(%worker, "worker is dead");
                due = true;
                SchedulerStats::add(&context.stats.workers_buried, 1);
            }
        }
        if !due {
            return Ok(Pace::After(PAUSE));
        }
        let freed = context.store.rescue(context.term, BATCH.into()).await?;
        self.rescued = Some(Instant::now());
        SchedulerStats::add(&context.stats.runs_rescued, freed.len());
        context.ring(&freed).await;
        Ok(if freed.len() == usize::from(BATCH) {
            self.rescued = None;
            Pace::Again
        } else {
            Pace::After(PAUSE)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(10);

    fn beat(worker: u128, beats: i64) -> Beat {
        Beat {
            worker: WorkerId(uuid::Uuid::from_u128(worker)),
            beats,
            slots: 1,
            busy: 0,
        }
    }

    /// Plays readings one second apart and tells who is found still at each.
    fn play(readings: &[Vec<Beat>]) -> Vec<usize> {
        let start = Instant::now();
        let mut rescuer = Rescuer::default();
        let watch = |(second, beats): (usize, &Vec<Beat>)| {
            rescuer
                .watch(beats, start + Duration::from_secs(second as u64), LEASE)
                .len()
        };
        readings.iter().enumerate().map(watch).collect()
    }

    #[test]
    fn a_beat_that_stands_still_for_the_whole_lease_is_found() {
        let found = play(&vec![vec![beat(1, 7)]; 12]);
        assert_eq!(found, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn a_beat_that_moves_is_never_found() {
        let readings: Vec<_> = (0..30).map(|n| vec![beat(1, n / 9)]).collect();
        assert!(play(&readings).iter().all(|found| *found == 0));
    }

    #[test]
    fn a_gap_in_the_watching_starts_the_lease_anew() {
        let start = Instant::now();
        let mut rescuer = Rescuer::default();
        for second in [0, 1, 2, 30, 31] {
            let still = rescuer.watch(&[beat(1, 7)], start + Duration::from_secs(second), LEASE);
            assert!(still.is_empty(), "at {second} s");
        }
    }
}
