//! Workers of a simulated fleet.

use crate::num;

/// One worker.
#[derive(Debug, Clone, Copy)]
struct Worker {
    /// When it takes work.
    ready_ms: u64,
    /// Slots that hold something.
    busy: u32,
    /// Takes no more.
    draining: bool,
    /// Its place is free for another.
    gone: bool,
}

/// Workers of a simulated fleet; a worker is known by its place.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    slots: u32,
    startup_ms: u64,
    workers: Vec<Worker>,
    totals: Totals,
}

/// Sums over all workers, kept up to date because each moment of a simulation asks for them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    /// Workers that are paid.
    pub(super) paid: u32,
    /// Slots of workers that take work.
    pub(super) open: u32,
    /// Busy slots of workers that take work.
    pub(super) busy: u32,
}

impl Fleet {
    /// `initial` workers that take work at once.
    pub(super) fn new(slots: u32, startup_ms: u64, initial: u32) -> Self {
        let worker = Worker {
            ready_ms: 0,
            busy: 0,
            draining: false,
            gone: false,
        };
        let mut fleet = Self {
            slots,
            startup_ms,
            workers: vec![worker; num::index(initial)],
            totals: Totals::default(),
        };
        fleet.refresh(0);
        fleet
    }

    pub(super) const fn totals(&self) -> Totals {
        self.totals
    }

    /// Sums up anew: workers have come or gone, or those that started take work now.
    pub(super) fn refresh(&mut self, now_ms: u64) {
        let takes = |worker: &&Worker| worker.takes(now_ms);
        self.totals = Totals {
            paid: self.count(|worker| !worker.gone),
            open: self.count(|worker| worker.takes(now_ms)) * self.slots,
            busy: self.workers.iter().filter(takes).map(|worker| worker.busy).sum(),
        };
    }

    /// Asks for workers or lets them go, so that `wanted` count. Returns how many were asked for.
    ///
    /// Those that have not started go first, then the least busy ones; a busy worker finishes what it has.
    pub(super) fn scale(&mut self, wanted: u32, now_ms: u64) -> u32 {
        let there = self.counted();
        for _ in wanted..there {
            self.let_go(now_ms);
        }
        for _ in there..wanted {
            self.start(now_ms);
        }
        self.refresh(now_ms);
        wanted.saturating_sub(there)
    }

    /// Gives work to the least busy worker, if one has a free slot, and says which.
    pub(super) fn take(&mut self, now_ms: u64) -> Option<usize> {
        if self.totals.busy >= self.totals.open {
            return None;
        }
        let slots = self.slots;
        let (place, worker) = self
            .workers
            .iter_mut()
            .enumerate()
            .filter(|(_, worker)| worker.takes(now_ms) && worker.busy < slots)
            .min_by_key(|(_, worker)| worker.busy)?;
        worker.busy += 1;
        self.totals.busy += 1;
        Some(place)
    }

    /// A slot of the worker falls free.
    pub(super) fn give_back(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        worker.busy -= 1;
        if worker.draining {
            worker.gone = worker.busy == 0;
            self.totals.paid -= u32::from(worker.gone);
        } else {
            self.totals.busy -= 1;
        }
    }

    /// Workers that count: not draining.
    pub(super) fn counted(&self) -> u32 {
        self.count(|worker| !worker.gone && !worker.draining)
    }

    /// What an observation says.
    pub(super) fn observe(&self, now_ms: u64) -> crate::Fleet {
        crate::Fleet {
            slots: self.slots,
            ready: self.count(|worker| worker.takes(now_ms)),
            starting_s: self
                .workers
                .iter()
                .filter(|worker| worker.starts(now_ms))
                .map(|worker| num::seconds(worker.ready_ms - now_ms))
                .collect(),
            draining: self.count(|worker| worker.draining && !worker.gone),
        }
    }

    fn start(&mut self, now_ms: u64) {
        let worker = Worker {
            ready_ms: now_ms + self.startup_ms,
            busy: 0,
            draining: false,
            gone: false,
        };
        match self.workers.iter_mut().find(|worker| worker.gone) {
            Some(place) => *place = worker,
            None => self.workers.push(worker),
        }
    }

    fn let_go(&mut self, now_ms: u64) {
        let least = self
            .workers
            .iter_mut()
            .filter(|worker| !worker.gone && !worker.draining)
            .min_by_key(|worker| (!worker.starts(now_ms), worker.busy));
        if let Some(worker) = least {
            worker.draining = true;
            worker.gone = worker.busy == 0;
        }
    }

    fn count(&self, which: impl Fn(&Worker) -> bool) -> u32 {
        num::length(self.workers.iter().filter(|worker| which(worker)).count())
    }
}

impl Worker {
    const fn takes(&self, now_ms: u64) -> bool {
        !self.gone && !self.draining && self.ready_ms <= now_ms
    }

    const fn starts(&self, now_ms: u64) -> bool {
        !self.gone && !self.draining && self.ready_ms > now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_takes_work_after_its_start_and_not_before() {
        let mut fleet = Fleet::new(1, 1_000, 0);
        assert_eq!(fleet.scale(1, 0), 1);
        assert_eq!(fleet.take(999), None);
        fleet.refresh(1_000);
        assert_eq!(fleet.take(1_000), Some(0));
        assert_eq!(fleet.take(1_000), None);
    }

    #[test]
    fn a_busy_worker_is_never_killed_but_takes_no_more() {
        let mut fleet = Fleet::new(2, 0, 2);
        let (first, second) = (fleet.take(0).unwrap(), fleet.take(0).unwrap());
        fleet.scale(0, 5);
        assert_eq!((fleet.counted(), fleet.totals().paid), (0, 2));
        assert_eq!(fleet.take(5), None);
        fleet.give_back(first);
        assert_eq!(fleet.totals().paid, 1);
        fleet.give_back(second);
        assert_eq!(fleet.totals().paid, 0);
    }

    #[test]
    fn those_that_start_go_first_then_the_idle_ones() {
        let mut fleet = Fleet::new(1, 1_000, 2);
        let busy = fleet.take(0).unwrap();
        fleet.scale(3, 0);
        fleet.scale(2, 10);
        assert_eq!(fleet.observe(10).starting_s.len(), 0);
        fleet.scale(1, 20);
        assert_eq!(fleet.totals().paid, 1);
        fleet.give_back(busy);
        assert_eq!(fleet.take(30), Some(busy));
    }
}
