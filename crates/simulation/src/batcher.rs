//! Groups writes into commits as `crates/store/src/batch` does: at most two commits in flight, a run at most once in those
//! (deliveries excepted), sorted by run, repeated whole while the outcome is unknown.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
};

use crate::{
    Micros,
    ids::{RunId, Token, Who},
    store::{Append, ClaimRequest, Delivery, End, NewRun, Park, Request},
};

/// Most commits in flight.
const IN_FLIGHT: usize = 2;

/// Most rows in a batch; small, so that batches of one run come close to each other.
const MAX_ROWS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    Intake,
    Deliveries,
    Claims,
    Appends,
    Parks,
    Ends,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Run(NewRun),
    Delivery(Delivery),
    Claim(ClaimRequest),
    Append(Append),
    Park(Park),
    End(End),
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// By which its fate finds who waits for it.
    pub(crate) ticket: u64,
    pub(crate) run: RunId,
    pub(crate) what: What,
    pub(crate) since: Micros,
}

/// A batch on its way.
pub(crate) struct Flight {
    pub(crate) request: Rc<Request>,
    pub(crate) tickets: Vec<u64>,
    runs: Vec<RunId>,
    /// When the oldest of its items was submitted.
    pub(crate) oldest: Micros,
    pub(crate) tries: u32,
}

pub(crate) struct Batcher {
    lane: Lane,
    waiting: VecDeque<Item>,
    busy: BTreeSet<RunId>,
    pub(crate) flights: BTreeMap<u64, Flight>,
    next: u64,
    /// A run may be in two batches at once: always of deliveries, of appends with the planted bug.
    run_may_repeat: bool,
}

impl Batcher {
    pub(crate) fn new(lane: Lane, run_may_repeat: bool) -> Self {
        Self {
            lane,
            waiting: VecDeque::new(),
            busy: BTreeSet::new(),
            flights: BTreeMap::new(),
            next: 0,
            run_may_repeat,
        }
    }

    pub(crate) fn submit(&mut self, item: Item) {
        self.waiting.push_back(item);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.flights.is_empty()
    }

    /// The next batch that may travel now, by its number.
    pub(crate) fn launch(&mut self, who: Who, token: Token) -> Option<(u64, Rc<Request>)> {
        if self.flights.len() >= IN_FLIGHT {
            return None;
        }
        let mut items = self.take();
        let oldest = items.iter().map(|item| item.since).min()?;
        items.sort_by_key(|item| item.run);
        let number = self.next;
        self.next += 1;
        let tickets = items.iter().map(|item| item.ticket).collect();
        let runs = items.iter().map(|item| item.run).collect();
        let request = Rc::new(request(who, token, items)?);
        let flight = Flight {
            request: Rc::clone(&request),
            tickets,
            runs,
            oldest,
            tries: 0,
        };
        self.flights.insert(number, flight);
        Some((number, request))
    }

    fn take(&mut self) -> Vec<Item> {
        let (mut taken, mut stay, mut here) = (Vec::new(), VecDeque::new(), BTreeSet::new());
        while let Some(item) = self.waiting.pop_front() {
            let repeats = self.lane != Lane::Deliveries && !here.insert(item.run);
            let free = self.run_may_repeat || self.busy.insert(item.run);
            if taken.len() >= MAX_ROWS || repeats || !free {
                if free && !self.run_may_repeat && !repeats {
                    self.busy.remove(&item.run);
                }
                stay.push_back(item);
            } else {
                taken.push(item);
            }
        }
        self.waiting = stay;
        taken
    }

    /// The batch is over.
    pub(crate) fn land(&mut self, number: u64) -> Option<Flight> {
        let flight = self.flights.remove(&number)?;
        for run in &flight.runs {
            self.busy.remove(run);
        }
        Some(flight)
    }
}

/// The store's operation for a batch; its items are all of one lane.
fn request(who: Who, token: Token, items: Vec<Item>) -> Option<Request> {
    let mut whats = items.into_iter().map(|item| item.what).peekable();
    macro_rules! all {
        ($kind:ident) => {
            whats
                .filter_map(|what| match what {
                    What::$kind(one) => Some(one),
                    _ => None,
                })
                .collect()
        };
    }
    Some(match whats.peek()? {
        What::Run(_) => Request::Intake {
            token,
            runs: all!(Run),
        },
        What::Delivery(_) => Request::Deliver {
            token,
            deliveries: all!(Delivery),
        },
        What::Claim(_) => Request::Claim {
            worker: who,
            wanted: all!(Claim),
        },
        What::Append(_) => Request::Append(all!(Append)),
        What::Park(_) => Request::Park(all!(Park)),
        What::End(_) => Request::End(all!(End)),
    })
}
