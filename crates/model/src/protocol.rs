//! The protocol as stateright checks it.

use stateright::{Model, Property};

use crate::{
    action::Action,
    bounds::Bounds,
    bug::Bug,
    faults,
    promise::{Broken, Promise},
    reached,
    state::{Called, Mail, MailStatus, Request, RequestStatus, State, Worker},
    tables::Run,
};

/// The protocol in a bounded world, whole or with a bug planted.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// The world.
    pub bounds: Bounds,
    /// The rule that is weakened, if any.
    pub bug: Option<Bug>,
}

impl Protocol {
    /// Whether this rule is weakened.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let request = Request {
            status: RequestStatus::Unsent,
            calls: vec![Called::default(); self.bounds.program.len()],
        };
        let mail = Mail {
            status: MailStatus::Unsent,
            batch: None,
        };
        let runs = usize::from(self.bounds.runs);
        vec![State {
            runs: vec![Run::default(); runs],
            workers: vec![Worker::new(); usize::from(self.bounds.workers)],
            statements: vec![],
            hints: vec![],
            requests: vec![request; runs],
            mail: vec![mail; self.bounds.messages.len()],
            due: !self.bounds.run_at,
            jumped: false,
            owes_pass: false,
            faults: self.bounds.faults,
            begun: 0,
            broken: Broken::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_none() {
            self.due_actions(state, actions);
            faults::add(state, actions);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        self.perform(&mut state, action);
        self.inspect(&mut state);
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = reached::properties(&self.bounds);
        macro_rules! always {
            ($($promise:ident),*) => {
                $(properties.push(Property::always(Promise::$promise.name(), |_, state: &State| {
                    !state.broken.has(Promise::$promise)
                }));)*
            };
        }
        always!(
            NoStaleCommit,
            OneEnd,
            Ends,
            Journal,
            OverlapByEpoch,
            OverlapAfterSilence,
            NewestOutcome,
            NothingDropped,
            DeliveredOnce,
            OneStart,
            OneKey,
            CommitBeforeEffect,
            NotBeforeItsTime,
            FencedMeansLost
        );
        properties
    }
}
