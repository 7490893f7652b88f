//! A trace as a fluid, tick by tick, with the whole future known.

use super::TICK_MS;
use crate::{
    ClassInputs, Fleet, Inputs, Settings,
    fluid::Queue,
    num,
    policy::Load,
    trace::{Arrival, Trace},
};

/// Ticks on each side over which a rate is taken for the waiting that chance makes.
const AROUND: usize = 6;

/// What happens in one tick, by class.
#[derive(Debug, Clone)]
struct Tick {
    arriving: Vec<f64>,
    service_mean_s: Vec<f64>,
    delay_micros_per_s: Vec<f64>,
    /// Micro-minor-units of a worker for the tick.
    price: f64,
    /// Activations that wait by chance, by workers, then class.
    chance: Vec<Vec<f64>>,
}

/// A trace as a fluid. A schedule says the workers asked for at each tick.
#[derive(Debug, Clone)]
pub(super) struct Fluid {
    ticks: Vec<Tick>,
    slots: u32,
    /// Ticks that a start takes.
    lead: usize,
    classes: usize,
    initial: u32,
}

impl Fluid {
    pub(super) fn new(trace: &Trace, arrivals: &[Arrival]) -> Self {
        let millis = num::millis(trace.duration_s);
        let ticks = usize::try_from(millis.div_ceil(TICK_MS)).unwrap_or(0) + 1;
        let counted = Counted::new(trace, arrivals, ticks);
        Self {
            ticks: (0..ticks).map(|tick| counted.tick(trace, tick)).collect(),
            slots: trace.fleet.slots,
            lead: usize::try_from(num::millis(trace.fleet.startup_s).div_ceil(TICK_MS)).unwrap_or(0),
            classes: trace.classes.len(),
            initial: trace.fleet.initial,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.ticks.len()
    }

    /// A queue with nothing in it.
    pub(super) fn empty(&self) -> Queue {
        Queue::new((0..self.classes).map(|_| 0.0))
    }

    /// Plays one tick and returns its cost.
    pub(super) fn play(&self, tick: usize, schedule: &[u32], chance_share: f64, queue: &mut Queue) -> f64 {
        let now = &self.ticks[tick];
        let seconds = num::seconds(TICK_MS);
        let workers = self.ready(tick, schedule);
        let chance = &now.chance[num::index(workers).min(now.chance.len() - 1)];
        let mut serving = queue.serving(f64::from(workers * self.slots), seconds);
        let mut cost = f64::from(schedule[tick]) * now.price;
        for (class, by_chance) in chance.iter().enumerate() {
            let queued = serving.class(class, 0.0, now.arriving[class], now.service_mean_s[class]);
            cost += now.delay_micros_per_s[class] * queued.max(chance_share * by_chance) * seconds;
        }
        cost
    }

    /// What is left at the end, as if one more hour were needed for it.
    pub(super) fn left_over(&self, queue: &Queue) -> f64 {
        let delays = &self.ticks[self.len() - 1].delay_micros_per_s;
        (0..self.classes)
            .map(|class| queue.present(class) * (delays[class] + 1.0) * 3_600.0)
            .sum()
    }

    /// Ticks after a change of the schedule that still feel it directly.
    pub(super) const fn lead(&self) -> usize {
        self.lead
    }

    /// Workers that take work: those that have been asked for ever since a start ago.
    fn ready(&self, tick: usize, schedule: &[u32]) -> u32 {
        let from = tick.saturating_sub(self.lead);
        let before = if tick < self.lead { self.initial } else { u32::MAX };
        schedule[from..=tick].iter().copied().fold(before, u32::min)
    }
}

/// Arrivals and slot seconds by tick, then class.
struct Counted {
    arrivals: Vec<Vec<f64>>,
    work_s: Vec<Vec<f64>>,
    mean_s: Vec<f64>,
}

impl Counted {
    fn new(trace: &Trace, arrivals: &[Arrival], ticks: usize) -> Self {
        let classes = trace.classes.len();
        let mut counted = Self {
            arrivals: vec![vec![0.0; classes]; ticks],
            work_s: vec![vec![0.0; classes]; ticks],
            mean_s: trace.classes.iter().map(|class| class.service.mean_s).collect(),
        };
        for arrival in arrivals {
            let tick = usize::try_from(arrival.at_ms / TICK_MS)
                .unwrap_or(0)
                .min(ticks - 1);
            counted.arrivals[tick][arrival.class] += 1.0;
            counted.work_s[tick][arrival.class] += num::seconds(arrival.service_ms);
        }
        counted
    }

    fn tick(&self, trace: &Trace, tick: usize) -> Tick {
        let (price, delays) = prices(trace, tick);
        let classes = 0..trace.classes.len();
        Tick {
            // In activations of mean length, so that the fluid has exactly the work of the trace.
            arriving: classes
                .map(|class| self.work_s[tick][class] / self.mean_s[class])
                .collect(),
            service_mean_s: self.mean_s.clone(),
            delay_micros_per_s: delays,
            price: price * num::seconds(TICK_MS) / 3_600.0,
            chance: self.chance(trace, tick),
        }
    }

    /// Activations that wait by chance around a tick, for each number of workers.
    fn chance(&self, trace: &Trace, tick: usize) -> Vec<Vec<f64>> {
        let inputs = self.around(trace, tick);
        let load = Load::new(&inputs, trace.fleet.max, 600.0);
        let waiting =
            |workers: u32, class: usize| load.chance(class, workers * trace.fleet.slots, false).waiting;
        (0..=trace.fleet.max)
            .map(|workers| {
                (0..trace.classes.len())
                    .map(|class| waiting(workers, class))
                    .collect()
            })
            .collect()
    }

    /// Rates around a tick. Lumps are no rate: the median of the ticks.
    fn around(&self, trace: &Trace, tick: usize) -> Inputs {
        let last = self.arrivals.len() - 1;
        let ticks = tick.saturating_sub(AROUND)..=(tick + AROUND).min(last);
        let rate = |class: usize| {
            let mut counts: Vec<f64> = ticks.clone().map(|tick| self.arrivals[tick][class]).collect();
            counts.sort_by(f64::total_cmp);
            counts[counts.len() / 2] / num::seconds(TICK_MS)
        };
        let class = |(index, class): (usize, &crate::trace::ClassModel)| ClassInputs {
            name: String::new(),
            arrivals_per_s: rate(index),
            arrivals_dispersion: 1.0,
            service_mean_s: class.service.mean_s,
            service_scv: class.service.scv,
            waiting: 0,
            running: 0,
            due: Vec::new(),
            delay_micros_per_s: 0,
            margin_micros: 0,
            patience_s: class.patience_s,
        };
        Inputs {
            settings: Settings::default(),
            fleet: Fleet {
                slots: trace.fleet.slots,
                ..Fleet::default()
            },
            worker_micros_per_hour: 0,
            classes: trace.classes.iter().enumerate().map(class).collect(),
            recent: Vec::new(),
        }
    }
}

/// Price of a worker an hour and of waiting a second, by class, at a tick.
fn prices(trace: &Trace, tick: usize) -> (f64, Vec<f64>) {
    let at_s = num::seconds(u64::try_from(tick).unwrap_or(0) * TICK_MS);
    let mut worker = trace.worker_micros_per_hour;
    let mut delays: Vec<i64> = trace
        .classes
        .iter()
        .map(|class| class.delay_micros_per_s)
        .collect();
    for change in trace.changes.iter().filter(|change| change.at_s <= at_s) {
        worker = change.worker_micros_per_hour.unwrap_or(worker);
        let class = change.class.as_ref().and_then(|name| trace.class(name));
        if let (Some(class), Some(delay)) = (class, change.delay_micros_per_s) {
            delays[class] = delay;
        }
    }
    (num::money(worker), delays.into_iter().map(num::money).collect())
}
