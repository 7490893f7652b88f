//! Where everybody writes down what they saw, at the moment they saw it: what a client does not live to finish is there too.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use crate::{
    history::{Answered, Call, Cancel, Event, Fate, History, Notice, Reading, Sighting, Start},
    stopwatch::Stopwatch,
};

/// The history while it is made.
#[derive(Debug)]
pub(super) struct Recorder {
    clock: Stopwatch,
    history: Mutex<History>,
}

impl Recorder {
    pub(super) fn new(clock: Stopwatch) -> Self {
        Self {
            clock,
            history: Mutex::default(),
        }
    }

    /// Now, in microseconds of the verification.
    pub(super) fn now(&self) -> u64 {
        self.clock.micros()
    }

    /// A run is about to be asked for; its place.
    pub(super) fn start(&self, start: Start) -> usize {
        let starts = &mut self.history.lock().starts;
        starts.push(start);
        starts.len() - 1
    }

    /// A sending of it is over.
    pub(super) fn answered(&self, at: usize, answered: Answered) {
        self.of_start(at, |start| start.answers.push(answered));
    }

    /// Another request under its key is over.
    pub(super) fn clashed(&self, at: usize, answered: Answered) {
        self.of_start(at, |start| start.clash = Some(answered));
    }

    /// The run was seen waiting for events.
    pub(super) fn waiting(&self, at: usize, since: u64) {
        self.of_start(at, |start| start.waiting = Some(since));
    }

    fn of_start(&self, at: usize, change: impl FnOnce(&mut Start)) {
        if let Some(start) = self.history.lock().starts.get_mut(at) {
            change(start);
        }
    }

    /// An event is about to be sent; its place.
    pub(super) fn event(&self, event: Event) -> usize {
        let events = &mut self.history.lock().events;
        events.push(event);
        events.len() - 1
    }

    /// A sending of it is over; `matched` when it was taken.
    pub(super) fn event_answered(&self, at: usize, answered: Answered, matched: Option<u64>) {
        if let Some(event) = self.history.lock().events.get_mut(at) {
            event.answers.push(answered);
            event.matched = matched.or(event.matched);
        }
    }

    /// A cancel is about to be sent; its place.
    pub(super) fn cancel(&self, cancel: Cancel) -> usize {
        let cancels = &mut self.history.lock().cancels;
        cancels.push(cancel);
        cancels.len() - 1
    }

    /// A sending of it is over.
    pub(super) fn cancel_answered(&self, at: usize, answered: Answered) {
        if let Some(cancel) = self.history.lock().cancels.get_mut(at) {
            cancel.answers.push(answered);
        }
    }

    /// A call arrived: its place, and the token that names it.
    pub(super) fn call(&self, mut call: Call) -> (usize, String) {
        let calls = &mut self.history.lock().calls;
        let at = calls.len();
        // The time is taken under the lock, so that calls stand in its order.
        call.begin = self.now();
        call.token = format!("call-{}", at + 1);
        let token = call.token.clone();
        calls.push(call);
        (at, token)
    }

    /// It is answered, or its caller has gone.
    pub(super) fn call_ended(&self, at: usize, status: Option<u16>) {
        let now = self.now();
        if let Some(call) = self.history.lock().calls.get_mut(at) {
            (call.end, call.status) = (now, status);
        }
    }

    /// A callback came.
    pub(super) fn notice(&self, notice: Notice) {
        let at = self.now();
        self.history.lock().notices.push(Notice { at, ..notice });
    }

    /// A run was seen ended.
    pub(super) fn sighting(&self, sighting: Sighting) {
        self.history.lock().sightings.push(sighting);
    }

    /// A journal was read.
    pub(super) fn reading(&self, reading: Reading) {
        self.history.lock().readings.push(reading);
    }

    /// One of the runs accepted so far, with its API key; `choose` gets how many there are.
    pub(super) fn any_run(&self, choose: impl FnOnce(usize) -> usize) -> Option<(usize, String)> {
        let history = self.history.lock();
        if history.starts.is_empty() {
            return None;
        }
        let start = history.starts.get(choose(history.starts.len()))?;
        Some((start.tenant, start.run()?.to_owned()))
    }

    /// Whether a call of this run has arrived.
    pub(super) fn was_called_by(&self, run: &str) -> bool {
        self.history.lock().calls.iter().any(|call| call.run == run)
    }

    /// Callbacks that were asked for and have not come.
    pub(super) fn notices_missing(&self) -> usize {
        let history = self.history.lock();
        let told: BTreeSet<&str> = history.notices.iter().map(|notice| notice.run.as_str()).collect();
        let asked = history.starts.iter().filter(|start| start.callback);
        asked
            .filter_map(Start::run)
            .filter(|run| !told.contains(run))
            .count()
    }

    /// Runs accepted so far, and requests that have no answer yet.
    pub(super) fn progress(&self) -> (usize, usize) {
        let history = self.history.lock();
        let settled = |start: &&Start| {
            let last = start.answers.last().map(|answer| &answer.fate);
            matches!(last, Some(Fate::Accepted { .. } | Fate::Rejected { .. }))
        };
        let accepted = history.starts.iter().filter(settled).count();
        (accepted, history.starts.len() - accepted)
    }

    /// The history so far.
    pub(super) fn copy(&self) -> History {
        self.history.lock().clone()
    }
}
