//! One run of the model: what each call does to it.

use uuid::Uuid;

use crate::{DeliveryFate, End, Park, RunId, RunState, WorkerId, WriteFate};

/// A run of the model.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) state: RunState,
    pub(super) epoch: i32,
    pub(super) deaths: i16,
    pub(super) worker: Option<WorkerId>,
    pub(super) token: Option<Uuid>,
    /// Epoch and bytes of each row.
    pub(super) journal: Vec<(i32, Vec<u8>)>,
    /// Rows in the inbox.
    pub(super) inbox: i32,
    /// A due timer armed by the last park.
    pub(super) timer: bool,
    /// Epoch of the last park.
    pub(super) parked: Option<i32>,
}

impl Run {
    pub(super) fn new(id: RunId) -> Self {
        Self {
            id,
            state: RunState::Pending,
            epoch: 0,
            deaths: 0,
            worker: None,
            token: None,
            journal: vec![],
            inbox: 0,
            timer: false,
            parked: None,
        }
    }

    fn seq(&self) -> i32 {
        i32::try_from(self.journal.len()).unwrap_or(0)
    }

    fn held(&self, epoch: i32, seq: i32) -> bool {
        self.state == RunState::Running && self.epoch == epoch && self.seq() == seq
    }

    /// Whether (run, seq + 1) holds these bytes of this epoch (P3).
    fn holds(&self, epoch: i32, seq: i32, body: &[u8]) -> bool {
        let row = usize::try_from(seq).ok().and_then(|seq| self.journal.get(seq));
        !self.state.ended() && row.is_some_and(|(e, bytes)| *e == epoch && bytes == body)
    }

    pub(super) fn append(&mut self, epoch: i32, seq: i32, body: &[u8]) -> WriteFate {
        if self.held(epoch, seq) {
            self.journal.push((epoch, body.to_vec()));
            self.deaths = 0;
            return WriteFate::Committed;
        }
        if self.holds(epoch, seq, body) {
            WriteFate::Committed
        } else {
            WriteFate::Fenced
        }
    }

    pub(super) fn park(&mut self, park: &Park) -> WriteFate {
        if !self.held(park.epoch, park.seq) {
            let done = match &park.body {
                Some(body) => self.holds(park.epoch, park.seq, body),
                None => !self.state.ended() && self.parked == Some(park.epoch),
            };
            return if done {
                WriteFate::Committed
            } else {
                WriteFate::Fenced
            };
        }
        if self.inbox != park.inbox {
            return WriteFate::InboxMoved(vec![]);
        }
        if let Some(body) = &park.body {
            self.append(park.epoch, park.seq, body);
        }
        self.parked = Some(park.epoch);
        self.timer = !park.timers.is_empty();
        self.free();
        self.state = RunState::Waiting;
        WriteFate::Committed
    }

    pub(super) fn end(&mut self, end: &End) -> WriteFate {
        if self.state.ended() && self.epoch == end.epoch {
            return WriteFate::Committed;
        }
        if !self.held(end.epoch, end.seq) {
            return WriteFate::Fenced;
        }
        if self.inbox != end.inbox {
            return WriteFate::InboxMoved(vec![]);
        }
        self.free();
        self.timer = false;
        self.state = RunState::Completed;
        WriteFate::Committed
    }

    /// An inbox row more (P7).
    pub(super) fn wake(&mut self) -> DeliveryFate {
        if self.state.ended() {
            return DeliveryFate::NotLive;
        }
        self.inbox += 1;
        if self.state == RunState::Waiting {
            self.state = RunState::Pending;
        }
        DeliveryFate::Delivered {
            hint: (self.state == RunState::Pending).then_some(self.epoch),
        }
    }

    pub(super) fn free(&mut self) {
        self.state = RunState::Pending;
        self.worker = None;
        self.token = None;
    }
}
