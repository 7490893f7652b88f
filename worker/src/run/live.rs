//! The loop of one run.

use std::sync::atomic::Ordering::Relaxed;

use levqor_engine::{Action, Entry, Env, Machine, Outcome, Subscription, Timer, journal};
use levqor_store::{EndState, InboxRow, NewOutbox, NewSubscription, NewTimer, Timestamp, WriteFate};

use super::{
    Ending,
    call::After,
    fault::Fault,
    load, notice,
    row::{Row, Unsaved},
};

/// A machine, the row it stands for, and what is folded but not committed.
pub(super) struct Live<'a, 'r> {
    pub(super) row: &'a mut Row<'r>,
    pub(super) machine: Machine,
    entries: Vec<Entry>,
    outbox: Vec<NewOutbox>,
}

impl<'a, 'r> Live<'a, 'r> {
    /// With the inbox rows that came with the claim folded.
    pub(super) fn new(row: &'a mut Row<'r>, machine: Machine, inbox: &[InboxRow]) -> Result<Self, Fault> {
        row.held.folded.store(machine.inbox_folded(), Relaxed);
        let mut live = Self {
            row,
            machine,
            entries: Vec::new(),
            outbox: Vec::new(),
        };
        live.fold(inbox)?;
        Ok(live)
    }

    /// Goes on until this worker's part is over.
    pub(super) async fn drive(mut self) -> Result<Ending, Fault> {
        let mut action = self.advance();
        loop {
            let went = match action {
                Action::Call(call) => match self.append().await? {
                    WriteFate::Committed => self.call(call).await?,
                    _ => After::Leave(Ending::Fenced),
                },
                Action::Park { timers, subscription } => self.park(&timers, subscription).await?,
                Action::End(outcome) => self.end(&outcome).await?,
            };
            action = match went {
                After::Advance => self.advance(),
                After::Do(action) => *action,
                After::Leave(ending) => return Ok(ending),
            };
        }
    }

    /// Pure steps up to the next thing to do; what they journal and emit waits for the next commit.
    pub(super) fn advance(&mut self) -> Action {
        let step = self.with_env(Machine::advance);
        self.row.meter.add(&step.entries);
        self.entries.extend(step.entries);
        let trace = self.row.trace;
        let emitted = step.emitted.into_iter().map(|event| notice::event(event, trace));
        self.outbox.extend(emitted);
        step.action
    }

    /// Gives the machine the clock, a random number and the evaluator.
    ///
    /// This runs on the async thread: pure steps take microseconds. Only an expression that needs the helper process
    /// may block, and the evaluator itself moves that wait off the async threads (see `blocking`).
    pub(super) fn with_env<T>(&mut self, then: impl FnOnce(&mut Machine, &Env<'_>) -> T) -> T {
        let shared = self.row.shared;
        let env = Env {
            evaluator: &shared.evaluator,
            now: shared.clock.now().0,
            random: shared.env.ids.random(),
            max_entries: shared.options.max_entries,
        };
        then(&mut self.machine, &env)
    }

    /// Folds inbox rows that are new to the machine.
    pub(super) fn fold(&mut self, rows: &[InboxRow]) -> Result<(), Fault> {
        for row in rows {
            if row.n > self.machine.inbox_folded() {
                let item = load::item(row)?;
                self.with_env(|machine, env| machine.inbox(item, env));
            }
        }
        self.row.held.folded.store(self.machine.inbox_folded(), Relaxed);
        Ok(())
    }

    /// Commits what is folded; nothing to do when there is nothing.
    async fn append(&mut self) -> Result<WriteFate, Fault> {
        if self.entries.is_empty() && self.outbox.is_empty() {
            return Ok(WriteFate::Committed);
        }
        let unsaved = self.unsaved();
        let fate = self.row.append(unsaved).await?;
        self.entries.clear();
        self.outbox.clear();
        Ok(fate)
    }

    async fn park(&mut self, timers: &[Timer], subscription: Option<Subscription>) -> Result<After, Fault> {
        let timers = timers.iter().map(timer).collect();
        let subscriptions = subscription.into_iter().map(subscribe).collect();
        let unsaved = self.unsaved();
        let fate = self.row.park(unsaved, timers, subscriptions).await?;
        self.after(fate, Ending::Parked)
    }

    async fn end(&mut self, outcome: &Outcome) -> Result<After, Fault> {
        let state = match outcome {
            Outcome::Completed(_) => EndState::Completed,
            Outcome::Faulted(_) => EndState::Faulted,
            Outcome::Cancelled => EndState::Cancelled,
        };
        let unsaved = self.unsaved();
        let fate = self.row.end(unsaved, outcome).await?;
        self.after(fate, Ending::Ended(state))
    }

    /// When the inbox had moved, its rows are folded and the machine decides anew; what was unsaved still is (P6, P8).
    fn after(&mut self, fate: WriteFate, done: Ending) -> Result<After, Fault> {
        Ok(match fate {
            WriteFate::Committed => After::Leave(done),
            WriteFate::Fenced => After::Leave(Ending::Fenced),
            WriteFate::InboxMoved(rows) => {
                self.row.shared.stats.inbox_moved.increment();
                self.fold(&rows)?;
                After::Advance
            }
        })
    }

    fn unsaved(&self) -> Unsaved {
        let body = (!self.entries.is_empty()).then(|| journal::encode(&self.entries));
        Unsaved {
            body,
            outbox: self.outbox.clone(),
        }
    }
}

fn timer(timer: &Timer) -> NewTimer {
    NewTimer {
        due: Timestamp(timer.due),
        body: timer.body.to_string().into_bytes(),
    }
}

fn subscribe(subscription: Subscription) -> NewSubscription {
    NewSubscription {
        event_type: subscription.event_type,
        source: subscription.source,
    }
}
