//! Batchers at work, in the API and in workers: launched, repeated, answered.

use std::rc::Rc;

use crate::{
    Micros, api,
    batcher::{Batcher, Item, Lane, What},
    ids::{Role, RunId, Token, Who},
    store::{ClaimedRun, DeliveryFate, IntakeFate, Reply, Request, WriteFate},
    times::{API_GIVES_UP, MS, SECOND},
    worker,
    world::{Signal, World},
};

/// What became of one item.
pub(crate) enum Fate {
    Intake(IntakeFate),
    Delivery(DeliveryFate),
    /// None: the hint was stale, or another won.
    Claim(Option<Box<ClaimedRun>>),
    Write(WriteFate),
    /// Not known, and not asked again.
    Unavailable,
}

impl World<'_> {
    fn batcher(&mut self, role: Role, lane: Lane) -> &mut Batcher {
        match role {
            Role::Worker(n) => self.workers[n].lane(lane),
            _ if lane == Lane::Deliveries => &mut self.api.deliveries,
            _ => &mut self.api.intake,
        }
    }

    pub(crate) fn submit(&mut self, who: Who, lane: Lane, run: RunId, what: What) -> u64 {
        let (ticket, since) = (self.number(), self.now);
        let item = Item {
            ticket,
            run,
            what,
            since,
        };
        self.batcher(who.role, lane).submit(item);
        ticket
    }

    /// Starts commits while fewer than two are in flight.
    pub(crate) fn launch(&mut self, who: Who, lane: Lane) {
        loop {
            let token = Token(self.number());
            let Some((flight, request)) = self.batcher(who.role, lane).launch(who, token) else {
                return;
            };
            self.send(who, (lane, flight), request);
        }
    }

    fn send(&mut self, who: Who, (lane, flight): (Lane, u64), request: Rc<Request>) {
        let op = self.ask(who, request);
        match who.role {
            Role::Worker(n) => {
                let asked = worker::Asked::Flight(lane, flight);
                self.workers[n].asked.insert(op, asked);
            }
            _ => {
                self.api.asked.insert(op, api::Asked::Flight(lane, flight));
            }
        }
    }

    /// The same batch, under the same token.
    pub(crate) fn send_again(&mut self, who: Who, lane: Lane, flight: u64) {
        let request = self
            .batcher(who.role, lane)
            .flights
            .get(&flight)
            .map(|sent| Rc::clone(&sent.request));
        if let Some(request) = request {
            self.send(who, (lane, flight), request);
        }
    }

    pub(crate) fn flight_answered(&mut self, who: Who, (lane, flight): (Lane, u64), reply: Option<Reply>) {
        let Some(reply) = reply else {
            return self.outcome_unknown(who, lane, flight);
        };
        let Some(landed) = self.batcher(who.role, lane).land(flight) else {
            return;
        };
        self.checks.answered(who, &landed.request);
        let fates = fates(&landed.request, reply);
        for (ticket, fate) in landed.tickets.into_iter().zip(fates) {
            self.fate(who, ticket, fate);
        }
        self.launch(who, lane);
    }

    /// Repeated after a pause: by the API for five seconds, by a worker until it stops.
    fn outcome_unknown(&mut self, who: Who, lane: Lane, flight: u64) {
        let now = self.now;
        let Some(sent) = self.batcher(who.role, lane).flights.get_mut(&flight) else {
            return;
        };
        let full = ((20 * MS) << sent.tries.min(8)).min(SECOND);
        sent.tries += 1;
        let oldest = sent.oldest;
        let pause: Micros = full / 2 + self.dice.between(0, full / 2);
        if who.role == Role::Api && now + pause > oldest + API_GIVES_UP {
            let landed = self.batcher(who.role, lane).land(flight);
            for ticket in landed.into_iter().flat_map(|landed| landed.tickets) {
                self.fate(who, ticket, Fate::Unavailable);
            }
            return self.launch(who, lane);
        }
        self.tell(who, pause, Signal::Repeat(lane, flight));
    }

    fn fate(&mut self, who: Who, ticket: u64, fate: Fate) {
        match who.role {
            Role::Worker(n) => self.worker_fate(n, ticket, fate),
            _ => self.api_fate(ticket, &fate),
        }
    }
}

/// One for each item, in their order.
fn fates(request: &Request, reply: Reply) -> Vec<Fate> {
    match (request, reply) {
        (_, Reply::Intake(fates)) => fates.into_iter().map(Fate::Intake).collect(),
        (_, Reply::Deliver(fates)) => fates.into_iter().map(Fate::Delivery).collect(),
        (_, Reply::Fates(fates)) => fates.into_iter().map(Fate::Write).collect(),
        (Request::Claim { wanted, .. }, Reply::Claimed(won)) => {
            let find = |run, epoch| won.iter().find(|one| one.id == run && one.epoch == epoch + 1);
            let fate = |wish: &crate::store::ClaimRequest| find(wish.run, wish.epoch).cloned().map(Box::new);
            wanted.iter().map(|wish| Fate::Claim(fate(wish))).collect()
        }
        _ => Vec::new(),
    }
}
