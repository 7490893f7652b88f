//! Whoever uses the API: posts runs with idempotency keys, asks again when no answer came, cancels, sends events.

use std::{collections::BTreeMap, rc::Rc};

use serde_json::json;

use crate::{
    Micros,
    documents::{self, LISTENS},
    ids::{Role, RunId, Who, Wish},
    times::{CALLER_WAITS, CALM, EPOCH, MS, SECOND},
    world::{Event, Signal, World},
};

/// What is asked of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asking {
    Post(Wish),
    Cancel(RunId),
    /// An event by its id, for the order of a wish.
    Send(Wish, u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    Run(RunId),
    /// A cancel is in the inbox.
    Delivered,
    /// There is no such live run.
    NotLive,
    /// An event was stored, and how many runs it reached.
    Sent(usize),
    /// 503: it may or may not have happened.
    Unavailable,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum CallerEvent {
    Ask(Asking),
    Answer(u32, Told),
    Late(u32),
    /// Whether the run waits for its event.
    Look(Wish),
}

/// A run somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) document: usize,
    pub(crate) keyed: bool,
    pub(crate) run_at: Option<Micros>,
    /// Cancel so long after it was accepted.
    cancel_after: Option<Micros>,
    run: Option<RunId>,
}

#[derive(Default)]
pub(crate) struct Caller {
    pub(crate) wanted: Vec<Wanted>,
    open: BTreeMap<u32, Asking>,
    requests: u32,
    events: u32,
    /// Things it will still do by itself.
    plans: u32,
}

impl Caller {
    pub(crate) fn is_content(&self) -> bool {
        self.open.is_empty() && self.plans == 0
    }
}

/// A run that the caller watches is looked at so often.
const LOOK: Micros = 700 * MS;
/// An event that reached its run is followed by another when the run still waits then.
const AGAIN: Micros = 4 * SECOND;

impl World<'_> {
    pub(crate) fn plan_wishes(&mut self) {
        let count = 4 + self.dice.index(8);
        for n in 0..count {
            let document = self.dice.index(self.documents.len());
            let at = self.dice.between(100 * MS, CALM - 10 * SECOND);
            let wanted = Wanted {
                document,
                keyed: document == LISTENS || !self.dice.permille(100),
                run_at: self
                    .dice
                    .permille(150)
                    .then(|| EPOCH + at + self.dice.between(SECOND, 10 * SECOND)),
                cancel_after: self.dice.permille(200).then(|| self.dice.between(0, 6 * SECOND)),
                run: None,
            };
            self.caller.wanted.push(wanted);
            self.plan(at, CallerEvent::Ask(Asking::Post(Wish(n))));
        }
    }

    fn plan(&mut self, delay: Micros, event: CallerEvent) {
        self.caller.plans += 1;
        self.after(delay, Event::Caller(event));
    }

    pub(crate) fn caller_event(&mut self, event: CallerEvent) {
        match event {
            CallerEvent::Ask(asking) => {
                self.caller.plans -= 1;
                self.request(asking);
            }
            CallerEvent::Look(wish) => {
                self.caller.plans -= 1;
                self.look_for(wish);
            }
            CallerEvent::Answer(request, told) => {
                if let Some(asking) = self.caller.open.remove(&request) {
                    self.told(asking, told);
                }
            }
            CallerEvent::Late(request) => {
                if let Some(asking) = self.caller.open.remove(&request) {
                    self.told(asking, Told::Unavailable);
                }
            }
        }
    }

    fn request(&mut self, asking: Asking) {
        self.caller.requests += 1;
        let request = self.caller.requests;
        self.caller.open.insert(request, asking);
        self.note(format_args!("a caller asks: {asking:?}"));
        let life = self.life(Role::Api);
        let api = Who {
            role: Role::Api,
            life: life.number,
        };
        let lag = self.dice.between(100, 3 * MS);
        self.tell(api, lag, Signal::Request(request, asking));
        self.after(CALLER_WAITS, Event::Caller(CallerEvent::Late(request)));
    }

    /// The API's answer leaves; now and then it does not arrive.
    pub(crate) fn reply(&mut self, request: u32, told: Told) {
        if !self.is_calm() && self.dice.permille(self.weather.answers_lost) {
            return;
        }
        let lag = self.dice.between(100, 3 * MS);
        self.after(lag, Event::Caller(CallerEvent::Answer(request, told)));
    }

    fn told(&mut self, asking: Asking, told: Told) {
        self.note(format_args!("a caller is told {told:?} of {asking:?}"));
        match (asking, told) {
            (Asking::Post(wish), Told::Run(run)) => self.accepted(wish, run),
            (Asking::Post(wish), Told::Unavailable) if !self.caller.wanted[wish.0].keyed => {}
            (_, Told::Unavailable) => {
                let pause = self.dice.between(100 * MS, 3 * SECOND);
                self.plan(pause, CallerEvent::Ask(asking));
            }
            (Asking::Cancel(run), Told::Delivered) => self.checks.cancel_acknowledged(run, self.now),
            (Asking::Send(wish, _), Told::Sent(reached)) => {
                let pause = if reached == 0 { LOOK } else { AGAIN };
                self.plan(pause, CallerEvent::Look(wish));
            }
            _ => {}
        }
    }

    fn accepted(&mut self, wish: Wish, run: RunId) {
        self.checks.acknowledged(wish, run, self.now);
        let wanted = &mut self.caller.wanted[wish.0];
        wanted.run = Some(run);
        let (document, cancel) = (wanted.document, wanted.cancel_after);
        if let Some(delay) = cancel {
            self.plan(delay, CallerEvent::Ask(Asking::Cancel(run)));
        }
        if document == LISTENS {
            self.plan(LOOK, CallerEvent::Look(wish));
        }
    }

    /// Sends an event once the run waits for it; now and then the event of another order before.
    fn look_for(&mut self, wish: Wish) {
        let Some(run) = self.caller.wanted[wish.0].run else {
            return;
        };
        if self.store.ended.latest(run).is_some() {
            return;
        }
        if !self.store.listens(run) {
            return self.plan(LOOK, CallerEvent::Look(wish));
        }
        self.caller.events += 1;
        self.request(Asking::Send(wish, self.caller.events));
    }

    /// Every fourth event is about another order.
    pub(crate) fn event_body(wish: Wish, event: u32) -> Rc<serde_json::Value> {
        let order = if event.is_multiple_of(4) {
            wish.0 + 100
        } else {
            wish.0
        };
        Rc::new(documents::payment(event, order))
    }

    pub(crate) fn cancel_body() -> Rc<serde_json::Value> {
        Rc::new(json!({"reason": "changed my mind", "by": "caller"}))
    }
}
