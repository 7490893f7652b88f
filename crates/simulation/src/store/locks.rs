//! Row locks, held until the transaction is over. Who comes later waits in line.

use std::collections::{BTreeMap, VecDeque};

use super::rows::Origin;
use crate::ids::{OpId, RunId, Token, Who, Wish};

/// A row, or the place of a unique key that is being inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lockable {
    Leader,
    Batch(Token),
    Key(Wish),
    Event(u32),
    Live(RunId),
    Worker(Who),
    Outbox(Origin),
}

#[derive(Default)]
struct Lock {
    holders: Vec<OpId>,
    shared: bool,
    waiting: VecDeque<OpId>,
}

#[derive(Default)]
pub(crate) struct Locks(BTreeMap<Lockable, Lock>);

impl Locks {
    /// Takes the lock, or stands in line for it. Shared locks (`FOR SHARE`) go together.
    pub(crate) fn take(&mut self, row: Lockable, op: OpId, shared: bool) -> bool {
        let lock = self.0.entry(row).or_default();
        if lock.holders.is_empty() || (shared && lock.shared) {
            lock.holders.push(op);
            lock.shared = shared;
            return true;
        }
        lock.waiting.push_back(op);
        false
    }

    /// Gives back all that the operation holds or waits for; those who may try again now.
    pub(crate) fn release(&mut self, op: OpId) -> Vec<OpId> {
        let mut woken = Vec::new();
        self.0.retain(|_, lock| {
            let held = lock.holders.len();
            lock.holders.retain(|holder| *holder != op);
            lock.waiting.retain(|waiting| *waiting != op);
            if lock.holders.is_empty() && held > 0 {
                woken.extend(lock.waiting.drain(..));
            }
            !lock.holders.is_empty() || !lock.waiting.is_empty()
        });
        woken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_locks_go_together_and_an_exclusive_one_waits_for_all_of_them() {
        let mut locks = Locks::default();
        assert!(locks.take(Lockable::Leader, OpId(1), true));
        assert!(locks.take(Lockable::Leader, OpId(2), true));
        assert!(!locks.take(Lockable::Leader, OpId(3), false));
        assert_eq!(locks.release(OpId(1)), []);
        assert_eq!(locks.release(OpId(2)), [OpId(3)]);
        assert!(locks.take(Lockable::Leader, OpId(3), false));
    }
}
