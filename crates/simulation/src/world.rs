//! Everything there is, and the one scheduler: the earliest event is next, of those at one moment the one noted first.

use std::{collections::BTreeMap, fmt};

use crate::{
    Bug, Documents, Micros, Played,
    api::Api,
    ask::Loss,
    batcher::Lane,
    caller::{Asking, Caller, CallerEvent},
    check::Checks,
    dice::Dice,
    evaluate::Remembering,
    faults::{Fault, Weather},
    history::History,
    ids::{OpId, Role, Who},
    outside::{CallId, Outside},
    process::Life,
    queue::{Hint, Queue},
    scheduler::{Scheduler, Service},
    store::{Reply, Store},
    tally::Tally,
    times::{CALM, PATIENCE},
    worker::{TaskId, Worker},
};

/// Worker processes.
pub(crate) const WORKERS: usize = 3;
/// Scheduler processes; one of them leads.
pub(crate) const SCHEDULERS: usize = 2;

pub(crate) enum Event {
    /// Of an operation at the store.
    Step(OpId),
    /// For a process; forgotten when that life is over, kept while it is paused.
    To(Who, Signal),
    Caller(CallerEvent),
    /// The queue hands out hints.
    Hints,
    /// A hint that was delayed.
    Late(Hint),
    Fault(Fault),
    /// A process begins a life.
    Start(Role),
}

#[derive(Clone, Debug)]
pub(crate) enum Signal {
    /// Of the store; none when the outcome is unknown.
    Answer(OpId, Option<Reply>),
    /// A batch of unknown outcome is sent again.
    Repeat(Lane, u64),
    /// To the API.
    Request(u32, Asking),
    /// To a worker.
    Hint(Hint),
    CallOver(CallId),
    Deadline(TaskId, CallId),
    GraceOver(TaskId, CallId),
    Register,
    Beat,
    BeatLate(OpId),
    Doubt,
    Watch,
    Sweep,
    Flush,
    Drain,
    Hurry,
    Abort,
    Leave,
    Exit,
    /// To a scheduler.
    Campaign,
    Pass(i64, Service),
}

pub(crate) struct World<'d> {
    pub(crate) now: Micros,
    events: BTreeMap<(Micros, u64), Event>,
    /// Of whatever needs a number of its own.
    numbers: u64,
    pub(crate) dice: Dice,
    pub(crate) bug: Option<Bug>,
    pub(crate) documents: &'d Documents,
    pub(crate) evaluator: &'d Remembering,
    pub(crate) history: History,
    pub(crate) weather: Weather,
    pub(crate) store: Store,
    pub(crate) losses: BTreeMap<OpId, Loss>,
    pub(crate) lives: BTreeMap<Role, Life>,
    pub(crate) queue: Queue,
    pub(crate) outside: Outside,
    pub(crate) api: Api,
    /// What the API's wall clock is ahead of the true time.
    pub(crate) api_ahead: Micros,
    pub(crate) caller: Caller,
    pub(crate) workers: Vec<Worker>,
    pub(crate) schedulers: Vec<Scheduler>,
    pub(crate) checks: Checks,
    pub(crate) tally: Tally,
    /// Operations that stand still until then.
    pub(crate) held_up: BTreeMap<OpId, Micros>,
}

impl<'d> World<'d> {
    pub(crate) fn new(
        seed: u64,
        bug: Option<Bug>,
        trace: bool,
        documents: &'d Documents,
        evaluator: &'d Remembering,
    ) -> Self {
        let nobody = |role| Who { role, life: 0 };
        let mut world = Self {
            now: 0,
            events: BTreeMap::new(),
            numbers: 0,
            dice: Dice::new(seed),
            bug,
            documents,
            evaluator,
            history: History::new(trace),
            weather: Weather::default(),
            store: Store::new(bug),
            losses: BTreeMap::new(),
            lives: BTreeMap::new(),
            queue: Queue::default(),
            outside: Outside::default(),
            api: Api::new(nobody(Role::Api)),
            api_ahead: 0,
            caller: Caller::default(),
            workers: (0..WORKERS)
                .map(|n| Worker::new(nobody(Role::Worker(n)), bug))
                .collect(),
            schedulers: (0..SCHEDULERS)
                .map(|n| Scheduler::new(nobody(Role::Scheduler(n))))
                .collect(),
            checks: Checks::default(),
            tally: Tally::default(),
            held_up: BTreeMap::new(),
        };
        world.set_up();
        world
    }

    fn set_up(&mut self) {
        let roles = std::iter::once(Role::Api)
            .chain((0..WORKERS).map(Role::Worker))
            .chain((0..SCHEDULERS).map(Role::Scheduler));
        for role in roles {
            let delay = self.dice.between(0, 50_000);
            self.after(delay, Event::Start(role));
        }
        self.plan_faults();
        self.plan_wishes();
    }

    /// Plays until nothing is left to do, or patience ends.
    pub(crate) fn play(mut self) -> Played {
        while let Some(((at, _), event)) = self.events.pop_first() {
            self.now = at;
            if at > CALM + PATIENCE || (at > CALM && self.is_over()) {
                break;
            }
            self.happen(event);
        }
        self.judge();
        let (digest, lines) = self.history.finish();
        Played {
            digest,
            lines,
            violations: self.checks.violations,
            tally: self.tally,
        }
    }

    /// Every accepted run has ended, everybody has been told, and nobody asks for more.
    fn is_over(&self) -> bool {
        self.caller.is_content() && self.store.is_quiet()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Step(op) => self.step(op),
            Event::To(who, signal) => self.signal(who, signal),
            Event::Caller(event) => self.caller_event(event),
            Event::Hints => self.hand_out(),
            Event::Late(hint) => self.arrive(hint),
            Event::Fault(fault) => self.strike(fault),
            Event::Start(role) => self.start(role),
        }
    }

    fn signal(&mut self, who: Who, signal: Signal) {
        let life = self.life(who.role);
        if life.number != who.life || !life.up {
            return;
        }
        if life.paused_until > self.now {
            let until = life.paused_until;
            self.at(until, Event::To(who, signal));
            return;
        }
        match who.role {
            Role::Api => self.api_signal(signal),
            Role::Worker(n) => self.worker_signal(n, signal),
            Role::Scheduler(n) => self.scheduler_signal(n, signal),
        }
    }

    pub(crate) fn at(&mut self, at: Micros, event: Event) {
        let number = self.number();
        self.events.insert((at.max(self.now), number), event);
    }

    pub(crate) fn after(&mut self, delay: Micros, event: Event) {
        self.at(self.now + delay, event);
    }

    pub(crate) fn tell(&mut self, who: Who, delay: Micros, signal: Signal) {
        self.after(delay, Event::To(who, signal));
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn note(&mut self, what: fmt::Arguments<'_>) {
        self.history.note(self.now, what);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.now >= CALM
    }
}
