//! A table with all versions of its rows: a statement reads those of its snapshot, a lock's holder the latest.

use std::{
    collections::{BTreeMap, btree_map::Range},
    ops::RangeBounds,
    rc::Rc,
};

/// How many transactions have been committed.
pub(crate) type Snapshot = u64;

type Versions<V> = Vec<(Snapshot, Option<Rc<V>>)>;

pub(crate) struct Table<K, V>(BTreeMap<K, Versions<V>>);

impl<K: Ord + Copy, V> Table<K, V> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The row as the snapshot sees it.
    pub(crate) fn at(&self, snapshot: Snapshot, key: K) -> Option<&Rc<V>> {
        self.0.get(&key).and_then(|versions| seen(versions, snapshot))
    }

    /// The row as it is committed now.
    pub(crate) fn latest(&self, key: K) -> Option<&Rc<V>> {
        self.at(Snapshot::MAX, key)
    }

    /// All rows that the snapshot sees, in order of their keys.
    pub(crate) fn scan(&self, snapshot: Snapshot) -> impl Iterator<Item = (K, &Rc<V>)> {
        self.range(snapshot, ..)
    }

    pub(crate) fn range(
        &self,
        snapshot: Snapshot,
        keys: impl RangeBounds<K>,
    ) -> impl Iterator<Item = (K, &Rc<V>)> {
        let rows: Range<'_, K, Versions<V>> = self.0.range(keys);
        rows.filter_map(move |(key, versions)| Some((*key, seen(versions, snapshot)?)))
    }

    /// Writes a version; none deletes. `commit` is the number of the transaction.
    pub(crate) fn put(&mut self, commit: Snapshot, key: K, row: Option<V>) {
        let row = row.map(Rc::new);
        self.0.entry(key).or_default().push((commit, row));
    }
}

fn seen<V>(versions: &Versions<V>, snapshot: Snapshot) -> Option<&Rc<V>> {
    let upto = versions.iter().rev().find(|(commit, _)| *commit <= snapshot);
    upto.and_then(|(_, row)| row.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_sees_what_was_committed_before_it_and_nothing_later() {
        let mut table = Table::new();
        table.put(1, 7, Some("a"));
        table.put(2, 7, Some("b"));
        table.put(3, 7, None);
        let at = |snapshot| table.at(snapshot, 7).map(|row| **row);
        assert_eq!([at(0), at(1), at(2), at(3)], [None, Some("a"), Some("b"), None]);
        assert_eq!(table.scan(2).count(), 1);
        assert_eq!(table.scan(3).count(), 0);
    }
}
