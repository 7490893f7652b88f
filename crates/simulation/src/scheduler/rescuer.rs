//! `services/rescuer.rs`: finds workers whose beat stands still and frees the runs they held (P10).

use std::collections::BTreeMap;

use super::{Asked, Service};
use crate::{
    Bug, Micros,
    ids::Who,
    store::{Beat, Reply, Request},
    times::{LEASE, RESCUE, RESCUER_GAP, RESCUER_PAUSE},
    world::World,
};

#[derive(Default)]
pub(super) struct Rescuer {
    seen: BTreeMap<Who, (i64, Micros)>,
    last_pass: Option<Micros>,
    rescued: Option<Micros>,
}

impl Rescuer {
    /// Those whose beat stood still for the whole lease on this process's monotonic clock.
    fn watch(&mut self, beats: &[Beat], now: Micros) -> Vec<(Who, i64)> {
        let healthy = self.last_pass.is_some_and(|last| now - last <= RESCUER_GAP);
        self.last_pass = Some(now);
        if !healthy {
            self.seen.clear();
        }
        self.seen
            .retain(|worker, _| beats.iter().any(|beat| beat.worker == *worker));
        let mut still = Vec::new();
        for beat in beats {
            let entry = self.seen.entry(beat.worker).or_insert((beat.beats, now));
            if entry.0 != beat.beats {
                *entry = (beat.beats, now);
            } else if now - entry.1 >= LEASE {
                still.push((beat.worker, beat.beats));
            }
        }
        still
    }
}

/// The planted bug: by the time of the last beat on the store's clock.
fn by_wall_clock(beats: &[Beat], wall: Micros) -> Vec<(Who, i64)> {
    let still = beats.iter().filter(|beat| wall - beat.last >= LEASE);
    still.map(|beat| (beat.worker, beat.beats)).collect()
}

impl World<'_> {
    pub(super) fn beats_known(&mut self, n: usize, reply: Option<Reply>) {
        let (now, bug) = (self.now, self.bug);
        let Some(leading) = self.schedulers[n].leading.as_mut() else {
            return;
        };
        let Some(Reply::Beats(beats, wall)) = reply else {
            // An outage expires nobody: everybody is watched anew after it.
            leading.rescuer.last_pass = None;
            return self.pass_after(n, Service::Rescuer, RESCUER_PAUSE);
        };
        let still = leading.rescuer.watch(&beats, now);
        let still = match bug {
            Some(Bug::RescueByWallClock) => by_wall_clock(&beats, wall),
            _ => still,
        };
        self.bury(n, still);
    }

    /// One after the other; then what they held, when it is time for that.
    fn bury(&mut self, n: usize, mut still: Vec<(Who, i64)>) {
        let term = self.term(n);
        if let Some((worker, beats)) = still.pop() {
            let request = Request::Bury { term, worker, beats };
            return self.ask_in_term(n, Asked::Bury(still), request);
        }
        let now = self.now;
        let Some(leading) = self.schedulers[n].leading.as_ref() else {
            return;
        };
        if leading.rescuer.rescued.is_none_or(|at| now - at >= RESCUE) {
            self.ask_in_term(n, Asked::Rescue, Request::Rescue { term });
        } else {
            self.pass_after(n, Service::Rescuer, RESCUER_PAUSE);
        }
    }

    pub(super) fn buried(&mut self, n: usize, rest: Vec<(Who, i64)>, reply: Option<Reply>) {
        if reply.is_none() {
            return self.pass_after(n, Service::Rescuer, RESCUER_PAUSE);
        }
        if let (Some(Reply::Done(true)), Some(leading)) = (reply, self.schedulers[n].leading.as_mut()) {
            leading.rescuer.rescued = None;
        }
        self.bury(n, rest);
    }

    pub(super) fn rescued(&mut self, n: usize, reply: Option<Reply>) {
        if let Some(Reply::Ready(freed, _)) = reply {
            self.push(&freed);
            let now = self.now;
            if let Some(leading) = self.schedulers[n].leading.as_mut() {
                leading.rescuer.rescued = Some(now);
            }
        }
        self.pass_after(n, Service::Rescuer, RESCUER_PAUSE);
    }
}
