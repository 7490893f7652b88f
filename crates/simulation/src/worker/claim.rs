//! `worker/src/claim.rs` and `run/load.rs`: from a hint to a machine.

use std::{collections::BTreeMap, rc::Rc};

use levqor_engine::{Corrupt, InboxItem, InboxItemKind, Machine, RunInfo, journal};

use super::{
    Stage, TaskId,
    task::{At, Task},
};
use crate::{
    Micros,
    batcher::{Lane, What},
    ids::Token,
    queue::{COMING, Hint},
    store::{ClaimRequest, ClaimedRun, InboxKind, InboxRow},
    times::AWAITED,
    world::World,
};

/// Workers that died holding a run before it is held responsible.
const MOST_DEATHS: i16 = 5;

/// A claim under way.
pub(super) struct Claiming {
    pub(super) request: ClaimRequest,
    /// If it wins nothing it is made again: it was asked for before `until`.
    again: bool,
    until: Micros,
}

impl World<'_> {
    pub(super) fn claim(&mut self, n: usize, hint: Hint) {
        if self.workers[n].stage != Stage::Working {
            return;
        }
        let request = ClaimRequest {
            run: hint.run,
            epoch: hint.epoch.max(0),
            token: Token(self.number()),
        };
        let until = self.now + if hint.epoch == COMING { AWAITED } else { 0 };
        self.ask_for(n, request, until);
    }

    fn ask_for(&mut self, n: usize, request: ClaimRequest, until: Micros) {
        let who = self.workers[n].who;
        let ticket = self.submit(who, Lane::Claims, request.run, What::Claim(request));
        let claiming = Claiming {
            request,
            again: self.now < until,
            until,
        };
        self.workers[n].claiming.insert(ticket, claiming);
        self.launch(who, Lane::Claims);
    }

    pub(super) fn claim_over(&mut self, n: usize, ticket: u64, claimed: Option<Box<ClaimedRun>>) {
        let Some(asked) = self.workers[n].claiming.remove(&ticket) else {
            return;
        };
        let Some(claimed) = claimed else {
            if asked.again {
                self.tally.add("claims made again");
                return self.ask_for(n, asked.request, asked.until);
            }
            return self.look_at_queue();
        };
        let now = self.now;
        self.workers[n].refresh(claimed.now, now);
        let who = self.workers[n].who;
        self.note(format_args!(
            "{who} holds {}@{} with {} journal rows",
            claimed.id, claimed.epoch, claimed.seq
        ));
        self.checks.claimed_whole(&claimed, now);
        let task = TaskId(self.number());
        self.workers[n].holds.insert(claimed.id, task);
        self.carry(n, task, &claimed);
    }

    fn carry(&mut self, n: usize, id: TaskId, claimed: &ClaimedRun) {
        let (machine, corrupt) = self.machine(claimed);
        let task = Task {
            run: claimed.id,
            epoch: claimed.epoch,
            seq: claimed.seq,
            packed: claimed.journal.clone(),
            entries: Vec::new(),
            folded: machine.inbox_folded(),
            machine,
            at: At::Between,
            calling_since: None,
            moved: false,
            gone: false,
            loose: BTreeMap::new(),
        };
        self.workers[n].tasks.insert(id, task);
        if corrupt || claimed.deaths >= MOST_DEATHS {
            return self.end_faulted(n, id, &claimed.inbox);
        }
        self.fold(n, id, &claimed.inbox);
        self.go_on_with(n, id);
    }

    /// As its committed entries left it; whether they did not fit.
    fn machine(&self, claimed: &ClaimedRun) -> (Machine, bool) {
        let info = RunInfo {
            id: claimed.id.text(),
            input: (*claimed.input).clone(),
            created_at: claimed.created_at,
        };
        let mut machine = Machine::new(self.documents.get(claimed.document), info);
        let corrupt = claimed
            .journal
            .iter()
            .any(|body| apply(&mut machine, body).is_err());
        (machine, corrupt)
    }
}

/// Folds the entries of a row.
fn apply(machine: &mut Machine, body: &Rc<[u8]>) -> Result<(), Corrupt> {
    journal::decode(body)?
        .iter()
        .try_for_each(|entry| machine.apply(entry))
}

/// An inbox row in the machine's words.
pub(super) fn item(row: &InboxRow) -> InboxItem {
    let body = (*row.body).clone();
    let kind = match row.kind {
        InboxKind::Timer => InboxItemKind::Timer(body),
        InboxKind::Event => InboxItemKind::Event(body),
        InboxKind::Cancel => InboxItemKind::Cancel(body),
    };
    InboxItem {
        n: row.n,
        at: row.at,
        kind,
    }
}
