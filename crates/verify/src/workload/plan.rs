//! What clients will do, from the seed alone.

use serde_json::{Value, json};

use super::random::Random;
use crate::history::{Kind, Priority};

/// A request sent again though it may have been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// No.
    Never,
    /// After the answer.
    After,
    /// At the same time.
    Together,
}

/// One run to be asked for, and what is done about it then.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Op {
    /// Number, from 0.
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) priority: Priority,
    /// Which API key, of so many as there are.
    pub(super) tenant: usize,
    /// Members of the input, beside those that name the run.
    pub(super) input: Value,
    pub(super) callback: bool,
    pub(super) again: Again,
    /// Another request is sent under the same key.
    pub(super) clash: bool,
    /// The run's end is awaited and noted.
    pub(super) watch: bool,
    /// What else is done is done after this many milliseconds.
    pub(super) after: u64,
}

/// What is sent in one request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// More than one: a batch.
    pub(super) ops: Vec<Op>,
}

/// Makes arrivals, one after the other.
pub(super) struct Planner {
    random: Random,
    tenants: usize,
    /// What the installation cannot do is left out.
    kinds: Vec<(Kind, u64)>,
    /// The effect server can be reached.
    effects: bool,
    next: u64,
}

/// Shares of the kinds.
const SHARES: [(Kind, u64); 7] = [
    (Kind::Noop, 34),
    (Kind::Steps, 32),
    (Kind::Wait, 10),
    (Kind::Later, 5),
    (Kind::Listen, 8),
    (Kind::Cancel, 4),
    (Kind::Race, 7),
];

impl Planner {
    /// For so many API keys; without the effect server nothing calls out.
    pub(super) fn new(seed: u64, tenants: usize, effects: bool) -> Self {
        let kinds = SHARES
            .into_iter()
            .filter(|(kind, _)| effects || *kind != Kind::Steps);
        Self {
            random: Random::new(seed, 0),
            tenants: tenants.max(1),
            kinds: kinds.collect(),
            effects,
            next: 0,
        }
    }

    /// The next request.
    pub(super) fn arrival(&mut self) -> Arrival {
        if !self.random.percent(8) {
            let kind = self.kind();
            return Arrival {
                ops: vec![self.op(kind)],
            };
        }
        let tenant = self.tenant();
        let size = self.random.between(5, 40);
        let ops = (0..size).map(|_| self.batched(tenant)).collect();
        Arrival { ops }
    }

    fn tenant(&mut self) -> usize {
        usize::try_from(self.random.between(0, self.tenants as u64)).unwrap_or_default()
    }

    fn kind(&mut self) -> Kind {
        let all = self.kinds.iter().map(|(_, share)| share).sum();
        let mut at = self.random.between(0, all);
        for (kind, share) in &self.kinds {
            if at < *share {
                return *kind;
            }
            at -= share;
        }
        Kind::Noop
    }

    /// Items of a batch do nothing more after they were accepted, so that all of it is one request.
    fn batched(&mut self, tenant: usize) -> Op {
        let kind = match self.kind() {
            kind @ (Kind::Noop | Kind::Steps | Kind::Wait) => kind,
            _ => Kind::Noop,
        };
        Op {
            tenant,
            again: Again::Never,
            clash: false,
            watch: false,
            ..self.op(kind)
        }
    }

    fn op(&mut self, kind: Kind) -> Op {
        let number = self.next;
        self.next += 1;
        let again = match self.random.between(0, 100) {
            0..4 => Again::Together,
            4..10 => Again::After,
            _ => Again::Never,
        };
        let priority = match self.random.between(0, 10) {
            0 => Priority::High,
            1 | 2 => Priority::Low,
            _ => Priority::Normal,
        };
        let (input, after) = self.doing(kind);
        Op {
            number,
            kind,
            priority,
            tenant: self.tenant(),
            input,
            callback: self.random.percent(10) && self.effects,
            again,
            clash: self.random.percent(3),
            watch: self.random.percent(20) || kind == Kind::Wait,
            after,
        }
    }

    /// The kind's members of the input, and when the client does more.
    fn doing(&mut self, kind: Kind) -> (Value, u64) {
        match kind {
            Kind::Steps => {
                let mut three = |most| [0; 3].map(|_| self.random.between(0, most));
                // One in three of the steps fails first; a third of the calls take long enough to be interrupted.
                let fails = three(6).map(|n| n.saturating_sub(3));
                let slow = three(900).map(|n| n.saturating_sub(600));
                (json!({"fails": fails, "slow": slow}), 0)
            }
            Kind::Wait => (json!({"milliseconds": self.random.between(100, 5_000)}), 0),
            Kind::Later => (json!({}), self.random.between(500, 5_000)),
            Kind::Listen => {
                let early = self.random.percent(30);
                let together = self.random.percent(50);
                (
                    json!({"early": early, "together": together}),
                    self.random.between(0, 1_000),
                )
            }
            Kind::Cancel => (json!({}), self.random.between(0, 3_000)),
            Kind::Race => {
                let wait = self.random.between(50, 1_500);
                let after = (wait + self.random.between(0, 200)).saturating_sub(100);
                (json!({"milliseconds": wait}), after)
            }
            _ => (json!({}), 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn plan(seed: u64, effects: bool) -> Vec<Arrival> {
        let mut planner = Planner::new(seed, 2, effects);
        (0..500).map(|_| planner.arrival()).collect()
    }

    fn kinds(plan: &[Arrival]) -> BTreeSet<Kind> {
        let ops = plan.iter().flat_map(|arrival| &arrival.ops);
        ops.map(|op| op.kind).collect()
    }

    #[test]
    fn the_seed_decides_everything_a_client_chooses() {
        assert_eq!(plan(7, true), plan(7, true));
        assert_ne!(plan(7, true), plan(8, true));
    }

    #[test]
    fn every_kind_comes_and_ops_are_numbered_without_gaps() {
        let plan = plan(1, true);
        assert_eq!(kinds(&plan), Kind::LOAD.into());
        let numbers = plan.iter().flat_map(|arrival| &arrival.ops).map(|op| op.number);
        assert!(numbers.eq(0..plan.iter().map(|arrival| arrival.ops.len() as u64).sum()));
        assert!(plan.iter().any(|arrival| arrival.ops.len() > 1));
    }

    #[test]
    fn nothing_calls_out_when_the_effect_server_cannot_be_reached() {
        let plan = plan(1, false);
        assert!(!kinds(&plan).contains(&Kind::Steps));
        assert!(
            plan.iter()
                .flat_map(|arrival| &arrival.ops)
                .all(|op| !op.callback)
        );
    }
}
