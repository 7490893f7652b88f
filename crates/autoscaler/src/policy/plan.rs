//! What a number of workers would cost over the horizon.
//!
//! A fluid model of the queue (N' = arrivals - min(N, slots) / service time, by class in order of priority) from the state of
//! now, with the workers that are there, those that start and those that would be asked for now. It sees backlogs, due
//! timers and ticks, and the time that a start takes; what chance adds comes from [`Load`].

use super::{Candidate, ClassInputs, Inputs, load::Load};
use crate::{fluid::Queue, num};

/// Seconds of one step of the fluid model.
const STEP_S: f64 = 15.0;

/// Everything that is the same for all candidates.
pub(super) struct Plan<'a> {
    inputs: &'a Inputs,
    load: Load<'a>,
    steps: u32,
    /// Micro-minor-units of a worker a second.
    price: f64,
    /// Known arrivals by step, then class.
    due: Vec<Vec<f64>>,
    /// Workers by step that stabilisation keeps whatever is decided now.
    held: Vec<u32>,
}

/// Amounts of a candidate, in micro-minor-units.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cost {
    workers: f64,
    delay: f64,
    lost: f64,
    left_over: f64,
}

impl<'a> Plan<'a> {
    /// A plan for at most `most` workers. `foresee` says whether due timers and ticks count.
    pub(super) fn new(inputs: &'a Inputs, most: u32, foresee: bool) -> Self {
        let settings = &inputs.settings;
        let steps = num::count(((settings.startup_s + settings.down_after_s) / STEP_S).ceil()).max(1);
        let most = most.max(inputs.fleet.workers());
        Self {
            inputs,
            load: Load::new(inputs, most, f64::from(steps) * STEP_S),
            steps,
            price: num::money(inputs.worker_micros_per_hour) / 3_600.0,
            held: held(inputs, steps),
            due: if foresee { due(inputs, steps) } else { Vec::new() },
        }
    }

    /// Seconds that the plan looks ahead.
    pub(super) fn horizon_s(&self) -> f64 {
        f64::from(self.steps) * STEP_S
    }

    /// Micro-minor-units of one worker over the horizon.
    pub(super) fn worker(&self) -> f64 {
        self.price * self.horizon_s()
    }

    /// What so many workers would cost.
    pub(super) fn cost(&self, workers: u32) -> Cost {
        let mut cost = Cost::default();
        let mut queue = Queue::new(self.inputs.classes.iter().map(present));
        let mut late = vec![0.0_f64; self.inputs.classes.len()];
        for step in 0..self.steps {
            let paid = workers.max(self.held[num::index(step)]);
            cost.workers += f64::from(paid) * self.price * STEP_S;
            let slots = self.slots(f64::from(step) * STEP_S, paid);
            self.advance(step, slots, &mut queue, &mut late, &mut cost);
        }
        self.finish(&queue, &late, workers, &mut cost);
        cost
    }

    /// Slots that take work after so many seconds when there are to be `workers` workers.
    fn slots(&self, after_s: f64, workers: u32) -> u32 {
        let fleet = &self.inputs.fleet;
        let there = if after_s >= self.inputs.settings.startup_s {
            workers
        } else {
            let started = fleet.starting_s.iter().filter(|left| **left <= after_s).count();
            fleet.ready.saturating_add(num::length(started)).min(workers)
        };
        there.saturating_mul(fleet.slots)
    }

    /// One step: what arrives, what is served in order of priority, what waits meanwhile.
    fn advance(&self, step: u32, slots: u32, queue: &mut Queue, late: &mut [f64], cost: &mut Cost) {
        let full = queue.exceeds(f64::from(slots));
        let mut serving = queue.serving(f64::from(slots), STEP_S);
        for (index, class) in self.inputs.classes.iter().enumerate() {
            let known = self.due.get(num::index(step)).map_or(0.0, |due| due[index]);
            let arriving = class.arrivals_per_s * STEP_S;
            let patient = serving.free() / class.service_mean_s * class.patience_s;
            let queued = serving.class(index, known, arriving, class.service_mean_s);
            let chance = self.load.chance(index, slots, full);
            late[index] = late[index].max(queued - patient);
            cost.delay += num::money(class.delay_micros_per_s) * queued.max(chance.waiting) * STEP_S;
            cost.lost += num::money(class.margin_micros) * chance.late * arriving;
        }
    }

    /// What is left at the end has to be done all the same: it costs the worker seconds it takes, and waits for half a
    /// horizon more.
    fn finish(&self, queue: &Queue, late: &[f64], workers: u32, cost: &mut Cost) {
        let slots = f64::from(self.inputs.fleet.slots.max(1));
        let mut free = f64::from(workers) * slots;
        for (index, class) in self.inputs.classes.iter().enumerate() {
            let present = queue.present(index);
            let queued = (present - free).max(0.0);
            free = (free - present).max(0.0);
            let work = self.price * present * class.service_mean_s / slots;
            let wait = num::money(class.delay_micros_per_s) * queued * self.horizon_s() / 2.0;
            cost.left_over += work + wait;
            cost.lost += num::money(class.margin_micros) * late[index];
        }
    }
}

impl Cost {
    pub(super) fn total(&self) -> f64 {
        self.workers + self.delay + self.lost + self.left_over
    }

    /// Workers' price alone: no candidate with more of it than another's total can be better.
    pub(super) const fn of_workers(&self) -> f64 {
        self.workers
    }

    /// The row of the table; `fewer` is the cost of one worker less.
    pub(super) fn row(&self, workers: u32, fewer: Option<&Self>) -> Candidate {
        let parts = [self.workers, self.delay, self.lost, self.left_over].map(num::micros);
        let saved = |less: &Self| num::micros((less.total() - less.workers) - (self.total() - self.workers));
        Candidate {
            workers,
            worker_micros: parts[0],
            delay_micros: parts[1],
            lost_margin_micros: parts[2],
            left_over_micros: parts[3],
            total_micros: parts.iter().fold(0, |sum, part| sum.saturating_add(*part)),
            saved_micros: fewer.map_or(0, saved),
            cost_micros: fewer.map_or(0, |less| num::micros(self.workers - less.workers)),
        }
    }
}

/// Workers by step that stabilisation keeps whatever is decided now: the highest recommendation that is still in the window
/// then. They are paid and serve all the same, so no candidate is charged or credited for them.
fn held(inputs: &Inputs, steps: u32) -> Vec<u32> {
    let current = inputs.fleet.workers();
    let held_at = |after_s: f64| {
        let window = inputs.settings.down_after_s - after_s;
        let kept = inputs.recent.iter().filter(|past| past.age_s <= window);
        kept.map(|past| past.workers)
            .max()
            .map_or(0, |workers| workers.min(current))
    };
    (0..steps).map(|step| held_at(f64::from(step) * STEP_S)).collect()
}

/// Activations of a class in the system.
fn present(class: &ClassInputs) -> f64 {
    f64::from(class.waiting) + f64::from(class.running)
}

/// Known arrivals by step, then class, as far ahead as a worker asked for now, or at the next decision, could be late
/// for. What is due later is for a later decision.
fn due(inputs: &Inputs, steps: u32) -> Vec<Vec<f64>> {
    let settings = &inputs.settings;
    let ahead_s = settings.startup_s + 2.0 * settings.interval_s;
    let mut due = vec![vec![0.0; inputs.classes.len()]; num::index(steps)];
    for (index, class) in inputs.classes.iter().enumerate() {
        for known in class.due.iter().filter(|known| known.in_s <= ahead_s) {
            let step = num::index(num::count(known.in_s / STEP_S));
            if let Some(row) = due.get_mut(step) {
                row[index] += f64::from(known.runs);
            }
        }
    }
    due
}
