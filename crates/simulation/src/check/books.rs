//! Commits as they happen, against the books.

use std::rc::Rc;

use levqor_engine::journal;

use super::{Book, Checker, Checks, Means, fresh};
use crate::{
    Micros,
    ids::{OpId, RunId, Who, Wish},
    store::{ClaimedRun, Fact},
    times::LEASE,
    world::World,
};

impl World<'_> {
    /// A transaction was committed.
    pub(crate) fn witness(&mut self, op: OpId, fact: &Fact) {
        let Some(who) = self.store.ops.get(&op).map(|op| op.who) else {
            return;
        };
        match fact {
            Fact::Beaten(_) | Fact::UnderTerm(_) | Fact::Led(_) => {}
            Fact::Appended {
                run,
                epoch,
                seq,
                body,
            } => {
                let text = String::from_utf8_lossy(body);
                self.note(format_args!(
                    "#{} {who} journals {run}@{epoch} row {seq}: {text}",
                    op.0
                ));
            }
            Fact::Ended {
                run,
                epoch,
                state,
                inbox,
                ..
            } => {
                self.note(format_args!(
                    "#{} {who} ends {run}@{epoch} {state:?}, inbox {inbox}",
                    op.0
                ));
            }
            fact => self.note(format_args!("#{} {who} commits {fact:?}", op.0)),
        }
        self.tally.committed(fact);
        self.checks.clock(self.store.wall(self.now));
        self.checks
            .committed(who, fact, (self.now, self.evaluator, self.documents));
    }
}

impl Checks {
    fn committed(&mut self, who: Who, fact: &Fact, means: Means<'_>) {
        let now = means.0;
        match fact {
            Fact::Accepted {
                run,
                wish,
                document,
                due,
                created_at,
            } => {
                self.accepted((*run, *wish), *document, (*due, *created_at), means);
            }
            Fact::Claimed { run, epoch, worker } => self.claimed(*run, *epoch, *worker, now),
            Fact::Appended {
                run,
                epoch,
                seq,
                body,
            } => self.appended(who, (*run, *epoch, *seq), body, now),
            Fact::Parked { run, epoch, inbox } => self.parked(who, (*run, *epoch), *inbox, now),
            Fact::Ended { .. } => self.ended(who, fact, means),
            Fact::Delivered { run, kind, n } => self.delivered(*run, *kind, *n, now),
            Fact::Fired { run, due, now: clock } => self.fired(*run, *due, *clock, now),
            Fact::Freed { run, epoch } => self.freed(*run, *epoch),
            Fact::Beaten(worker) => {
                self.beats.insert(*worker, now);
            }
            Fact::Buried(worker) => self.buried(*worker, now),
            Fact::Led(term) => self.term = self.term.max(*term),
            Fact::UnderTerm(term) => self.under(who, *term, now),
            Fact::Noted { run, epoch } => self.noted(*run, *epoch, now),
        }
    }

    fn fired(&mut self, run: RunId, due: Micros, clock: Micros, now: Micros) {
        if due > clock {
            let detail = format!("a timer of {run} fired {} early", due - clock);
            self.found(Checker::TimerEarly, now, detail);
        }
    }

    fn freed(&mut self, run: RunId, epoch: i32) {
        if let Some(book) = self.books.get_mut(&run)
            && book.holder.is_some_and(|(held, _)| held == epoch)
        {
            book.holder = None;
        }
    }

    fn under(&mut self, who: Who, term: i64, now: Micros) {
        if term < self.term {
            let detail = format!("{who} writes under term {term} in term {}", self.term);
            self.found(Checker::StaleTerm, now, detail);
        }
    }

    fn noted(&mut self, run: RunId, epoch: i32, now: Micros) {
        let Some(book) = self.books.get_mut(&run) else {
            return;
        };
        book.callbacks += 1;
        if book.callbacks > 1 {
            let detail = format!("{run}@{epoch} has {} callbacks", book.callbacks);
            self.found(Checker::CallbackOncePerEnd, now, detail);
        }
    }

    fn accepted(
        &mut self,
        (run, wish): (RunId, Wish),
        document: usize,
        (due, created_at): (Option<Micros>, Micros),
        (now, _, documents): Means<'_>,
    ) {
        let runs = self.by_wish.entry(wish).or_default();
        runs.push(run);
        if runs.len() > 1 {
            let detail = format!("request {} made {} runs", wish.0, runs.len());
            self.found(Checker::OneRunPerRequest, now, detail);
        }
        let book = Book {
            document,
            wish,
            due,
            created_at,
            holder: None,
            rows: Vec::new(),
            shadow: fresh(documents, run, document, wish, created_at),
            inbox: Vec::new(),
            ends: 0,
            state: None,
            callbacks: 0,
            called_back: 0,
        };
        self.books.insert(run, book);
    }

    fn claimed(&mut self, run: RunId, epoch: i32, worker: Who, now: Micros) {
        let shown = self.shown;
        let Some(book) = self.books.get_mut(&run) else {
            return;
        };
        let early = epoch == 1 && book.inbox.is_empty() && book.due.is_some_and(|due| due > shown);
        let held = book.holder.filter(|holder| *holder != (epoch, worker));
        book.holder = Some((epoch, worker));
        if early {
            self.found(
                Checker::TimerEarly,
                now,
                format!("{run} was begun before its time"),
            );
        }
        if let Some((other, who)) = held {
            let detail = format!("{worker} claims {run}@{epoch} that {who} holds @{other}");
            self.found(Checker::StaleWrite, now, detail);
        }
    }

    /// The rows that a claim brought are those committed.
    pub(crate) fn claimed_whole(&mut self, claimed: &ClaimedRun, now: Micros) {
        let Some(book) = self.books.get(&claimed.id) else {
            return;
        };
        let before = book
            .rows
            .iter()
            .filter(|(epoch, ..)| *epoch < claimed.epoch)
            .map(|(_, body, _)| body);
        if !before.eq(claimed.journal.iter()) {
            let detail = format!(
                "{}@{} was claimed with another journal than committed",
                claimed.id, claimed.epoch
            );
            self.found(Checker::Journal, now, detail);
        }
    }

    /// Whether the writer holds the run.
    pub(super) fn holds(&mut self, who: Who, run: RunId, epoch: i32, now: Micros) {
        let holder = self.books.get(&run).and_then(|book| book.holder);
        if holder != Some((epoch, who)) {
            let detail = format!("{who} writes {run}@{epoch}, which {holder:?} holds");
            self.found(Checker::StaleWrite, now, detail);
        }
    }

    fn appended(&mut self, who: Who, (run, epoch, seq): (RunId, i32, i32), body: &Rc<[u8]>, now: Micros) {
        self.holds(who, run, epoch, now);
        let Some(book) = self.books.get_mut(&run) else {
            return;
        };
        let expected = book.rows.len() + 1;
        let gap = usize::try_from(seq) != Ok(expected);
        let entries = journal::decode(body);
        let fold = entries.and_then(|entries| {
            book.rows.push((epoch, Rc::clone(body), entries.clone()));
            entries.iter().try_for_each(|entry| book.shadow.apply(entry))
        });
        if gap {
            self.found(
                Checker::Journal,
                now,
                format!("{run}@{epoch} journals row {seq} after {} rows", expected - 1),
            );
        }
        if let Err(corrupt) = fold {
            self.found(
                Checker::Replay,
                now,
                format!("{run}@{epoch} row {seq}: {corrupt}"),
            );
        }
    }

    fn parked(&mut self, who: Who, (run, epoch): (RunId, i32), inbox: i32, now: Micros) {
        self.holds(who, run, epoch, now);
        let Some(book) = self.books.get_mut(&run) else {
            return;
        };
        book.holder = None;
        let folded = book.shadow.inbox_folded();
        if folded != inbox {
            let detail = format!("{run}@{epoch} parks with {inbox} inbox rows, of which {folded} are folded");
            self.found(Checker::InboxDropped, now, detail);
        }
    }

    fn delivered(&mut self, run: RunId, kind: crate::store::InboxKind, n: i32, now: Micros) {
        let Some(book) = self.books.get_mut(&run) else {
            return;
        };
        book.inbox.push(kind);
        if usize::try_from(n) != Ok(book.inbox.len()) {
            let detail = format!("inbox row {n} of {run} is its {}th", book.inbox.len());
            self.found(Checker::InboxDropped, now, detail);
        }
    }

    fn buried(&mut self, worker: Who, now: Micros) {
        let still = now - self.beats.get(&worker).copied().unwrap_or_default();
        if still < LEASE {
            let detail = format!("{worker} was buried {still} µs after its last beat");
            self.found(Checker::LeaseCutShort, now, detail);
        }
    }
}
