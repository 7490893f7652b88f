//! The loop.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::{Look, TICK_MS, cost::Meter, due::Known, fleet::Fleet, outage::Outage};
use crate::{
    ClassObservation, Observation, num,
    trace::{Arrival, ClassModel, Trace},
};

/// Something that happens later. At the same moment slots fall free first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// An attempt ends.
    Ended {
        run: usize,
        place: usize,
        attempt: Attempt,
    },
    /// Workers that were asked for take work.
    Started,
    /// A failed run is due again, for this attempt.
    Repeat { run: usize, number: u32 },
}

/// An attempt that holds a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Attempt {
    /// 0 is the first.
    number: u32,
    started_ms: u64,
    /// Outage by which it fails.
    fails: Option<usize>,
}

/// A run that waits for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    run: usize,
    number: u32,
    since_ms: u64,
}

/// What happened between two ticks.
#[derive(Debug, Clone, Default)]
pub(super) struct Passed {
    /// What it cost.
    pub(super) meter: Meter,
    /// Attempts that got a slot: when they became ready, and how long they hold it.
    pub(super) attempts: Vec<Arrival>,
    /// How many of them had waited longer than their patience.
    pub(super) late: u32,
    /// Busy and open slots times milliseconds.
    busy_ms: u64,
    open_ms: u64,
}

/// Counts of one class since the tick before.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    unforeseen: u32,
    arrived: u32,
    ended: u32,
    service_sum_s: f64,
    service_square_sum_s2: f64,
}

/// One class: its prices now, what waits, what was counted.
#[derive(Clone)]
struct Class {
    model: ClassModel,
    patience_ms: u64,
    waiting: VecDeque<Waiting>,
    running: u32,
    counts: Counts,
}

/// A fleet at one moment of a trace.
#[derive(Clone)]
pub(super) struct World<'a> {
    trace: &'a Trace,
    arrivals: &'a [Arrival],
    /// First arrival that has not come.
    next: usize,
    now_ms: u64,
    fleet: Fleet,
    classes: Vec<Class>,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    known: Known,
    outages: Vec<Outage>,
    worker_micros_per_hour: i64,
    /// Changes of prices that have happened.
    changed: usize,
    passed: Passed,
}

impl<'a> World<'a> {
    pub(super) fn new(trace: &'a Trace, arrivals: &'a [Arrival]) -> Self {
        let class = |model: &ClassModel| Class {
            model: model.clone(),
            patience_ms: num::millis(model.patience_s),
            waiting: VecDeque::new(),
            running: 0,
            counts: Counts::default(),
        };
        let fleet = &trace.fleet;
        let mut world = Self {
            trace,
            arrivals,
            next: 0,
            now_ms: 0,
            fleet: Fleet::new(fleet.slots, num::millis(fleet.startup_s), fleet.initial),
            classes: trace.classes.iter().map(class).collect(),
            events: BinaryHeap::new(),
            known: Known::new(arrivals),
            outages: Outage::all(trace),
            worker_micros_per_hour: trace.worker_micros_per_hour,
            changed: 0,
            passed: Passed::default(),
        };
        world.change_prices();
        world
    }

    /// Whether everything that arrived is done.
    pub(super) fn is_done(&self) -> bool {
        let idle = |class: &Class| class.waiting.is_empty() && class.running == 0;
        let repeats = self
            .events
            .iter()
            .any(|Reverse((_, event))| matches!(event, Event::Repeat { .. }));
        self.next == self.arrivals.len() && self.classes.iter().all(idle) && !repeats
    }

    pub(super) const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Workers that are paid.
    pub(super) fn paid(&self) -> u32 {
        self.fleet.totals().paid
    }

    /// What became ready since the tick before, and what waits now.
    pub(super) fn arrived_and_waiting(&self) -> (u32, u32) {
        let arrived = self.classes.iter().map(|class| class.counts.arrived).sum();
        let waiting = self
            .classes
            .iter()
            .map(|class| num::length(class.waiting.len()))
            .sum();
        (arrived, waiting)
    }

    /// Whether from here on the same happens as in another, but for which worker holds what.
    pub(super) fn goes_on_as(&self, other: &Self) -> bool {
        let same = |(one, two): (&Class, &Class)| one.running == two.running && one.waiting == two.waiting;
        self.next == other.next
            && self.classes.iter().zip(&other.classes).all(same)
            && self.fleet.observe(self.now_ms) == other.fleet.observe(other.now_ms)
            && self.ends() == other.ends()
    }

    fn ends(&self) -> Vec<(u64, usize)> {
        let end = |Reverse((at_ms, event)): &Reverse<(u64, Event)>| match event {
            Event::Ended { run, .. } | Event::Repeat { run, .. } => Some((*at_ms, *run)),
            Event::Started => None,
        };
        let mut ends: Vec<_> = self.events.iter().filter_map(end).collect();
        ends.sort_unstable();
        ends
    }

    /// Makes it so that `wanted` workers count, within the fleet's bounds, and plays until the next tick. Returns what
    /// happened and how many workers were asked for.
    pub(super) fn step(&mut self, wanted: u32) -> (Passed, u32) {
        for class in &mut self.classes {
            class.counts = Counts::default();
        }
        self.passed = Passed::default();
        let bounds = &self.trace.fleet;
        let started = self
            .fleet
            .scale(wanted.clamp(bounds.min, bounds.max), self.now_ms);
        if started > 0 {
            let ready_ms = self.now_ms + num::millis(bounds.startup_s);
            self.events.push(Reverse((ready_ms, Event::Started)));
        }
        self.play_until(self.now_ms + TICK_MS);
        self.change_prices();
        self.known.forget(self.now_ms);
        (self.passed.clone(), started)
    }

    fn change_prices(&mut self) {
        while let Some(change) = self.trace.changes.get(self.changed) {
            if num::millis(change.at_s) > self.now_ms {
                break;
            }
            self.changed += 1;
            if let Some(price) = change.worker_micros_per_hour {
                self.worker_micros_per_hour = price;
            }
            let class = change.class.as_ref().and_then(|name| self.trace.class(name));
            let Some(class) = class.map(|index| &mut self.classes[index].model) else {
                continue;
            };
            class.delay_micros_per_s = change.delay_micros_per_s.unwrap_or(class.delay_micros_per_s);
            class.margin_micros = change.margin_micros.unwrap_or(class.margin_micros);
        }
    }

    /// What a rule sees now.
    pub(super) fn look(&self) -> Look {
        let class = |(index, class): (usize, &Class)| ClassObservation {
            name: class.model.name.clone(),
            arrivals: class.counts.unforeseen,
            ended: class.counts.ended,
            service_sum_s: class.counts.service_sum_s,
            service_square_sum_s2: class.counts.service_square_sum_s2,
            waiting: num::length(class.waiting.len()),
            running: class.running,
            due: self.known.ahead(self.now_ms, index),
            delay_micros_per_s: class.model.delay_micros_per_s,
            margin_micros: class.model.margin_micros,
            patience_s: class.model.patience_s,
        };
        let first = self.now_ms == 0;
        Look {
            now_ms: self.now_ms,
            seen: Observation {
                interval_s: if first { 0.0 } else { num::seconds(TICK_MS) },
                fleet: self.fleet.observe(self.now_ms),
                worker_micros_per_hour: self.worker_micros_per_hour,
                classes: self.classes.iter().enumerate().map(class).collect(),
            },
            busy_share: num::seconds(self.passed.busy_ms) / num::seconds(self.passed.open_ms.max(1)),
        }
    }

    fn play_until(&mut self, end_ms: u64) {
        loop {
            let event = self.events.peek().map(|Reverse((at, _))| *at);
            let arrival = self.arrivals.get(self.next).map(|arrival| arrival.at_ms);
            match (event, arrival) {
                (Some(at), other) if at <= end_ms && other.is_none_or(|other| at <= other) => self.event(),
                (_, Some(at)) if at <= end_ms => {
                    self.pass(at);
                    let run = self.next;
                    self.next += 1;
                    self.arrive(run, 0, self.arrivals[run].foreseen);
                }
                _ => break,
            }
        }
        self.pass(end_ms);
    }

    /// Time goes by and is charged.
    fn pass(&mut self, to_ms: u64) {
        let millis = to_ms - self.now_ms;
        if millis == 0 {
            return;
        }
        let totals = self.fleet.totals();
        self.passed
            .meter
            .pay(totals.paid, self.worker_micros_per_hour, millis);
        for class in &self.classes {
            self.passed
                .meter
                .wait(class.waiting.len(), class.model.delay_micros_per_s, millis);
        }
        self.passed.busy_ms += u64::from(totals.busy) * millis;
        self.passed.open_ms += u64::from(totals.open) * millis;
        self.now_ms = to_ms;
    }

    fn event(&mut self) {
        let Some(Reverse((at_ms, event))) = self.events.pop() else {
            return;
        };
        self.pass(at_ms);
        match event {
            Event::Ended { run, place, attempt } => self.end(run, place, attempt),
            Event::Started => {
                self.fleet.refresh(self.now_ms);
                self.dispatch();
            }
            Event::Repeat { run, number } => self.arrive(run, number, true),
        }
    }

    fn arrive(&mut self, run: usize, number: u32, foreseen: bool) {
        let class = &mut self.classes[self.arrivals[run].class];
        class.counts.arrived += 1;
        class.counts.unforeseen += u32::from(!foreseen);
        class.waiting.push_back(Waiting {
            run,
            number,
            since_ms: self.now_ms,
        });
        self.dispatch();
    }

    /// Gives what waits to free slots, the first class first, the oldest first.
    fn dispatch(&mut self) {
        for index in 0..self.classes.len() {
            while let Some(waiting) = self.classes[index].waiting.front().copied() {
                let Some(place) = self.fleet.take(self.now_ms) else {
                    return;
                };
                self.classes[index].waiting.pop_front();
                self.start(index, waiting, place);
            }
        }
    }

    fn start(&mut self, index: usize, waiting: Waiting, place: usize) {
        let class = &mut self.classes[index];
        class.running += 1;
        if self.now_ms - waiting.since_ms > class.patience_ms {
            self.passed.meter.lose(class.model.margin_micros);
            self.passed.late += 1;
        }
        let fails = self
            .outages
            .iter()
            .position(|outage| outage.hits(index, self.now_ms));
        let arrival = self.arrivals[waiting.run];
        let service_ms = fails.map_or(arrival.service_ms, |outage| self.outages[outage].attempt_ms());
        self.passed.attempts.push(Arrival {
            at_ms: waiting.since_ms,
            service_ms,
            ..arrival
        });
        let attempt = Attempt {
            number: waiting.number,
            started_ms: self.now_ms,
            fails,
        };
        let run = waiting.run;
        self.events.push(Reverse((
            self.now_ms + service_ms,
            Event::Ended { run, place, attempt },
        )));
    }

    fn end(&mut self, run: usize, place: usize, attempt: Attempt) {
        self.fleet.give_back(place);
        let index = self.arrivals[run].class;
        let class = &mut self.classes[index];
        class.running -= 1;
        if let Some(outage) = attempt.fails {
            let due_ms = self.now_ms + self.outages[outage].backoff_ms(attempt.number);
            let number = attempt.number + 1;
            self.known.add(due_ms, index);
            self.events.push(Reverse((due_ms, Event::Repeat { run, number })));
        } else {
            let held_s = num::seconds(self.now_ms - attempt.started_ms);
            class.counts.ended += 1;
            class.counts.service_sum_s += held_s;
            class.counts.service_square_sum_s2 += held_s * held_s;
        }
        self.dispatch();
    }
}
