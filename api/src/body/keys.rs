//! The names already seen in one object.

use std::{borrow::Cow, collections::HashSet};

/// Up to this many names are compared one by one, which is faster than hashing.
const FEW: usize = 16;

#[derive(Default)]
pub(super) struct Keys<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    /// False when the name was there before.
    pub(super) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if !self.many.is_empty() {
            return self.many.insert(name);
        }
        if self.few.contains(&name) {
            return false;
        }
        self.few.push(name);
        if self.few.len() > FEW {
            self.many = self.few.drain(..).collect();
        }
        true
    }
}
