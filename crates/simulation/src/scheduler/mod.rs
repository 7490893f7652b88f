//! A scheduler process as `scheduler/src/leader.rs` has it: asks for the lease again and again; its services live as long
//! as its term.

mod outbox;
mod relay;
mod rescuer;
mod timers;

use std::{collections::BTreeMap, rc::Rc};

use self::{relay::Relay, rescuer::Rescuer};
use crate::{
    Micros,
    ids::{OpId, RunId, Who},
    store::{EndState, Origin, Reply, Request},
    times::LEADER_PAUSE,
    world::{Signal, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Timers,
    Relay,
    Rescuer,
    Outbox,
    /// A callback that the outbox sent: who it is about, and whether it was taken.
    Posted {
        origin: Origin,
        taken: bool,
    },
}

/// What an operation of a service is about.
#[derive(Clone, Debug)]
enum Asked {
    Lead,
    NextTimer,
    Fire,
    Ready,
    Beats,
    /// A burial, and those that follow.
    Bury(Vec<(Who, i64)>),
    Rescue,
    Lease,
    Delete,
}

pub(crate) struct Scheduler {
    pub(crate) who: Who,
    leading: Option<Leading>,
    asked: BTreeMap<OpId, (i64, Asked)>,
}

/// The services of one term.
struct Leading {
    term: i64,
    /// A service found that another leads.
    over: bool,
    relay: Relay,
    rescuer: Rescuer,
    /// Callbacks under way.
    posting: BTreeMap<Origin, EndState>,
    posted: Vec<Origin>,
}

impl Scheduler {
    pub(crate) fn new(who: Who) -> Self {
        Self {
            who,
            leading: None,
            asked: BTreeMap::new(),
        }
    }
}

impl World<'_> {
    pub(crate) fn start_scheduler(&mut self, n: usize, who: Who) {
        self.schedulers[n] = Scheduler::new(who);
        self.tell(who, 0, Signal::Campaign);
    }

    pub(crate) fn scheduler_signal(&mut self, n: usize, signal: Signal) {
        match signal {
            Signal::Campaign => {
                let who = self.schedulers[n].who;
                self.ask_as(n, 0, Asked::Lead, Request::Lead(who));
            }
            Signal::Pass(term, service) if self.leads(n, term) => self.pass(n, service),
            Signal::Answer(op, reply) => {
                let Some((term, asked)) = self.schedulers[n].asked.remove(&op) else {
                    return;
                };
                if matches!(asked, Asked::Lead) {
                    self.lease_answered(n, reply.as_ref());
                } else if matches!(reply, Some(Reply::NotLeader)) {
                    self.term_over(n, term);
                } else if self.leads(n, term) {
                    self.service_answered(n, asked, reply);
                }
            }
            _ => {}
        }
    }

    fn leads(&self, n: usize, term: i64) -> bool {
        let leading = self.schedulers[n].leading.as_ref();
        leading.is_some_and(|leading| leading.term == term && !leading.over)
    }

    fn term_over(&mut self, n: usize, term: i64) {
        if let Some(leading) = self.schedulers[n]
            .leading
            .as_mut()
            .filter(|leading| leading.term == term)
        {
            leading.over = true;
        }
    }

    /// Without an answer the services go on: their writes are bound to the term.
    fn lease_answered(&mut self, n: usize, reply: Option<&Reply>) {
        let leading = self.schedulers[n].leading.as_ref();
        let held = leading.map(|leading| leading.term);
        let over = leading.is_some_and(|leading| leading.over);
        let term = match reply {
            Some(Reply::Term(term)) => *term,
            _ => held,
        };
        if over || held != term {
            self.schedulers[n].leading = None;
        }
        if let (None, Some(term)) = (&self.schedulers[n].leading, term) {
            self.lead(n, term);
        }
        let who = self.schedulers[n].who;
        self.tell(who, LEADER_PAUSE, Signal::Campaign);
    }

    fn lead(&mut self, n: usize, term: i64) {
        let who = self.schedulers[n].who;
        self.note(format_args!("{who} leads in term {term}"));
        self.tally.add("terms");
        self.schedulers[n].leading = Some(Leading {
            term,
            over: false,
            relay: Relay::default(),
            rescuer: Rescuer::default(),
            posting: BTreeMap::new(),
            posted: Vec::new(),
        });
        for service in [Service::Timers, Service::Relay, Service::Rescuer, Service::Outbox] {
            self.pass_after(n, service, 0);
        }
    }

    fn pass_after(&mut self, n: usize, service: Service, pause: Micros) {
        let scheduler = &self.schedulers[n];
        let Some(term) = scheduler.leading.as_ref().map(|leading| leading.term) else {
            return;
        };
        self.tell(scheduler.who, pause, Signal::Pass(term, service));
    }

    fn ask_as(&mut self, n: usize, term: i64, asked: Asked, request: Request) {
        let op = self.ask(self.schedulers[n].who, Rc::new(request));
        self.schedulers[n].asked.insert(op, (term, asked));
    }

    fn term(&self, n: usize) -> i64 {
        self.schedulers[n]
            .leading
            .as_ref()
            .map_or(0, |leading| leading.term)
    }

    /// Asks for a service of the present term.
    fn ask_in_term(&mut self, n: usize, asked: Asked, request: Request) {
        let term = self.term(n);
        self.ask_as(n, term, asked, request);
    }

    fn pass(&mut self, n: usize, service: Service) {
        match service {
            Service::Timers => self.ask_in_term(n, Asked::NextTimer, Request::NextTimer),
            Service::Relay => self.relay_pass(n),
            Service::Rescuer => self.ask_in_term(n, Asked::Beats, Request::Beats),
            Service::Outbox => {
                let term = self.term(n);
                self.ask_in_term(n, Asked::Lease, Request::LeaseOutbox { term });
            }
            Service::Posted { origin, taken } => self.posted(n, origin, taken),
        }
    }

    fn service_answered(&mut self, n: usize, asked: Asked, reply: Option<Reply>) {
        match asked {
            Asked::Lead => {}
            Asked::NextTimer => self.timer_known(n, reply.as_ref()),
            Asked::Fire => self.fired(n, reply),
            Asked::Ready => self.backlog_known(n, reply),
            Asked::Beats => self.beats_known(n, reply),
            Asked::Bury(rest) => self.buried(n, rest, reply),
            Asked::Rescue => self.rescued(n, reply),
            Asked::Lease => self.leased(n, reply),
            Asked::Delete => self.deleted(n),
        }
    }
}

/// When a run was accepted, by its id.
fn accepted_at(run: RunId) -> Micros {
    run.at
}
