//! One chain, entry by entry.

use levqor_entities::{audit_events::Model, audit_streams};

use super::Wrong;
use crate::header::{GENESIS, hash, payload_hash, pseudonym};

/// How far a chain was walked.
pub(super) struct Walk {
    /// The number that comes next.
    next: i64,
    /// Hashes that may stand before the next entry: none is known after a gap. After a changed entry both its stored
    /// hash and its right one are taken, whichever was changed, so that one change is one fault.
    before: Vec<Vec<u8>>,
}

impl Default for Walk {
    fn default() -> Self {
        let before = vec![GENESIS.into()];
        Self { next: 1, before }
    }
}

impl Walk {
    /// What is wrong with the entry that comes next by number, and where.
    pub(super) fn step(&mut self, row: &Model) -> Vec<(i64, Wrong)> {
        if row.seq < self.next {
            return vec![(row.seq, Wrong::Number)];
        }
        let mut faults = Vec::new();
        if row.seq > self.next {
            faults.push((self.next, Wrong::Missing(row.seq.saturating_sub(1))));
            self.before.clear();
        }
        let hashes: Vec<Vec<u8>> = self
            .before
            .iter()
            .map(|before| hash(before, row).into())
            .collect();
        let linked = hashes.is_empty() || hashes.contains(&row.hash);
        self.before = if linked { Vec::new() } else { hashes };
        self.before.truncate(1);
        self.before.push(row.hash.clone());
        self.next = row.seq.saturating_add(1);
        let wrong = if linked { hangs(row) } else { Some(Wrong::Header) };
        faults.extend(wrong.map(|wrong| (row.seq, wrong)));
        faults
    }

    /// What is wrong with the head that stands behind all entries.
    pub(super) fn end(&self, head: &audit_streams::Model) -> Option<(i64, Wrong)> {
        if self.next <= head.seq {
            return Some((self.next, Wrong::Missing(head.seq)));
        }
        (!self.before.contains(&head.hash)).then_some((head.seq, Wrong::Head))
    }
}

/// What is wrong with what hangs on the header by digests, erased or not.
fn hangs(row: &Model) -> Option<Wrong> {
    let subject = row.user_id.map(|user| pseudonym(row.tenant_id, user).to_vec());
    let same =
        |salt: &[u8], payload: &[u8]| salt.len() == 32 && payload_hash(salt, payload) == *row.payload_hash;
    match (&row.salt, &row.payload) {
        (None, None) => subject.is_some().then_some(Wrong::Subject),
        (Some(salt), Some(payload)) if same(salt, payload) => {
            (subject != row.subject).then_some(Wrong::Subject)
        }
        _ => Some(Wrong::Payload),
    }
}
