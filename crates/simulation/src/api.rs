//! The API: one run or delivery after another into its batchers, an answer once their fate is known, a hint beside it.

use std::{collections::BTreeMap, rc::Rc};

use crate::{
    Micros,
    batcher::{Batcher, Lane, What},
    caller::{Asking, Told},
    documents,
    ids::{OpId, RunId, Who, Wish},
    lanes::Fate,
    queue::COMING,
    store::{Delivery, DeliveryFate, InboxKind, IntakeFate, NewRun, Reply, Request},
    times::{EPOCH, HEEDED},
    world::{Signal, World},
};

/// What an operation of the API is about.
pub(crate) enum Asked {
    Flight(Lane, u64),
    /// An event of this request.
    Ingest(u32),
}

pub(crate) struct Api {
    pub(crate) who: Who,
    pub(crate) intake: Batcher,
    pub(crate) deliveries: Batcher,
    pub(crate) asked: BTreeMap<OpId, Asked>,
    /// Requests that wait for the fate of a ticket, and the run it is about.
    waiting: BTreeMap<u64, (u32, RunId)>,
    /// When early hints left, by ticket.
    early: BTreeMap<u64, Micros>,
}

impl Api {
    pub(crate) fn new(who: Who) -> Self {
        Self {
            who,
            intake: Batcher::new(Lane::Intake, false),
            deliveries: Batcher::new(Lane::Deliveries, true),
            asked: BTreeMap::new(),
            waiting: BTreeMap::new(),
            early: BTreeMap::new(),
        }
    }
}

impl World<'_> {
    pub(crate) fn start_api(&mut self, who: Who) {
        self.api = Api::new(who);
    }

    pub(crate) fn api_signal(&mut self, signal: Signal) {
        match signal {
            Signal::Request(request, asking) => self.handle(request, asking),
            Signal::Repeat(lane, flight) => self.send_again(self.api.who, lane, flight),
            Signal::Answer(op, reply) => match self.api.asked.remove(&op) {
                Some(Asked::Flight(lane, flight)) => {
                    self.flight_answered(self.api.who, (lane, flight), reply);
                }
                Some(Asked::Ingest(request)) => self.ingested(request, reply),
                None => {}
            },
            _ => {}
        }
    }

    fn handle(&mut self, request: u32, asking: Asking) {
        match asking {
            Asking::Post(wish) => self.post(request, wish),
            Asking::Cancel(run) => {
                let delivery = Delivery {
                    run,
                    kind: InboxKind::Cancel,
                    body: Self::cancel_body(),
                };
                let _ticket = self.await_fate(request, run, Lane::Deliveries, What::Delivery(delivery));
            }
            Asking::Send(wish, event) => {
                let body = Self::event_body(wish, event);
                let op = self.ask(self.api.who, Rc::new(Request::Ingest { event, body }));
                self.api.asked.insert(op, Asked::Ingest(request));
            }
        }
    }

    fn post(&mut self, request: u32, wish: Wish) {
        let n = u32::try_from(self.number()).unwrap_or(u32::MAX);
        let id = RunId {
            at: EPOCH + self.now + self.api_ahead,
            n,
        };
        let wanted = &self.caller.wanted[wish.0];
        let run = NewRun {
            id,
            document: wanted.document,
            input: Rc::new(documents::input(wish.0)),
            run_at: wanted.run_at,
            wish,
            keyed: wanted.keyed,
        };
        let now = run.run_at.is_none();
        let ticket = self.await_fate(request, id, Lane::Intake, What::Run(run));
        // The product does so while it has little to do.
        if now && self.dice.permille(500) && self.push(&[(id, COMING)]) {
            self.api.early.insert(ticket, self.now);
        }
    }

    fn await_fate(&mut self, request: u32, run: RunId, lane: Lane, what: What) -> u64 {
        let ticket = self.submit(self.api.who, lane, run, what);
        self.api.waiting.insert(ticket, (request, run));
        self.launch(self.api.who, lane);
        ticket
    }

    /// The hint leaves beside the answer and is never waited for.
    pub(crate) fn api_fate(&mut self, ticket: u64, fate: &Fate) {
        let Some((request, run)) = self.api.waiting.remove(&ticket) else {
            return;
        };
        let early = self.api.early.remove(&ticket);
        let heeded = early.is_some_and(|sent| self.now - sent <= HEEDED);
        let told = match *fate {
            Fate::Intake(IntakeFate::Accepted { ready }) => {
                if ready && !heeded {
                    self.push(&[(run, 0)]);
                }
                Told::Run(run)
            }
            Fate::Intake(IntakeFate::Existing { run }) => Told::Run(run),
            Fate::Delivery(DeliveryFate::Delivered { hint }) => {
                if let Some(epoch) = hint {
                    self.push(&[(run, epoch)]);
                }
                Told::Delivered
            }
            Fate::Delivery(DeliveryFate::NotLive) => Told::NotLive,
            _ => Told::Unavailable,
        };
        self.reply(request, told);
    }

    fn ingested(&mut self, request: u32, reply: Option<Reply>) {
        let told = match reply {
            Some(Reply::Ingested { matched, hints }) => {
                self.push(&hints);
                Told::Sent(matched)
            }
            _ => Told::Unavailable,
        };
        self.reply(request, told);
    }
}
