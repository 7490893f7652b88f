//! The end of a run against its books.

use std::rc::Rc;

use levqor_engine::{Action, Entry, Machine, Outcome, journal};

use super::{Checker, Checks, Means, fresh, timeless};
use crate::{
    Micros,
    evaluate::Remembering,
    ids::{RunId, Who},
    store::{EndState, Fact, InboxKind},
};

impl Checks {
    pub(super) fn ended(&mut self, who: Who, fact: &Fact, means: Means<'_>) {
        let Fact::Ended {
            run,
            epoch,
            state,
            inbox,
            output,
            journal,
        } = fact
        else {
            return;
        };
        let now = means.0;
        self.holds(who, *run, *epoch, now);
        let Some(book) = self.books.get_mut(run) else {
            return;
        };
        book.holder = None;
        book.ends += 1;
        book.state = Some(*state);
        let cancelled = book.inbox.contains(&InboxKind::Cancel);
        if book.ends > 1 {
            self.found(Checker::EndedOnce, now, format!("{run} ended twice"));
        }
        if gave_up(output.as_ref()) {
            return;
        }
        if cancelled && *state != EndState::Cancelled {
            self.found(
                Checker::InboxDropped,
                now,
                format!("{run} ended {state:?} with a cancel in its inbox"),
            );
        }
        match self.whole(*run, journal, means) {
            Ok(machine) => {
                self.same_outcome(*run, machine, (*state, *inbox, output.as_ref()), (now, means.1));
            }
            Err((checker, why)) => self.found(checker, now, format!("the journal of {run}@{epoch}: {why}")),
        }
    }

    /// A fresh machine over the packed journal, which begins with all that was committed.
    fn whole(
        &self,
        run: RunId,
        packed: &[u8],
        (_, _, documents): Means<'_>,
    ) -> Result<Machine, (Checker, String)> {
        let book = self
            .books
            .get(&run)
            .ok_or((Checker::EndedOnce, "was never accepted".to_owned()))?;
        let entries = journal::decode(packed).map_err(|corrupt| (Checker::Journal, corrupt.to_string()))?;
        let committed: Vec<&Entry> = book.rows.iter().flat_map(|(_, _, entries)| entries).collect();
        let kept = entries.len() >= committed.len() && committed.iter().zip(&entries).all(|(a, b)| **a == *b);
        if !kept {
            return Err((
                Checker::Journal,
                "what was committed is not what it begins with".to_owned(),
            ));
        }
        let mut machine = fresh(documents, run, book.document, book.wish, book.created_at);
        let fold = entries.iter().try_for_each(|entry| machine.apply(entry));
        fold.map_err(|corrupt| (Checker::Replay, corrupt.to_string()))?;
        Ok(machine)
    }

    fn same_outcome(
        &mut self,
        run: RunId,
        mut machine: Machine,
        (state, inbox, output): (EndState, i32, Option<&Rc<[u8]>>),
        (now, evaluator): (Micros, &Remembering),
    ) {
        let folded = machine.inbox_folded();
        if folded != inbox {
            let detail = format!("{run} ended with {inbox} inbox rows, of which {folded} are folded");
            self.found(Checker::InboxDropped, now, detail);
        }
        let again = match machine.advance(&timeless(evaluator)).action {
            Action::End(Outcome::Completed(value)) => {
                (EndState::Completed, Some(value.to_string().into_bytes()))
            }
            Action::End(Outcome::Faulted(error)) => (EndState::Faulted, serde_json::to_vec(&error).ok()),
            Action::End(Outcome::Cancelled) => (EndState::Cancelled, None),
            other => {
                return self.found(
                    Checker::Replay,
                    now,
                    format!("{run} ended, a fresh machine wants {other:?}"),
                );
            }
        };
        if again.0 != state || again.1.as_deref() != output.map(|output| &**output) {
            let detail = format!(
                "{run} ended {state:?}, a fresh machine ends {:?} or with other bytes",
                again.0
            );
            self.found(Checker::Replay, now, detail);
        }
    }
}

/// The worker gave the run up: nothing of its journal leads to this end.
fn gave_up(output: Option<&Rc<[u8]>>) -> bool {
    output.is_some_and(|output| output.starts_with(b"{\"title\":\"The run cannot go on\""))
}
