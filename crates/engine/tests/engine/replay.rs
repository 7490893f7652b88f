//! Any prefix of a journal, replayed, reaches the same next decision and goes on to the same entries.

use std::{collections::BTreeMap, sync::Arc};

use levqor_engine::{
    Action, CallFailure, CallResult, Entry, Env, InboxItem, InboxItemKind, Machine, Micros, Outcome, decode,
    encode,
};
use levqor_expressions::{Evaluate, Expression, ExpressionError, Variables};
use levqor_workflow::model::Definition;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    documents::documents,
    play::{START, definition, document, env, event, failure, run_info, short},
};

/// Something from outside, and when.
#[derive(Clone, Debug)]
enum Input {
    Advance,
    Result(CallResult),
    TimeOut,
    Inbox(InboxItem),
}

/// One use of the machine in the first run.
#[derive(Clone, Debug)]
struct Moment {
    input: Input,
    now: Micros,
    random: u64,
    /// Entries that were folded after it.
    after: usize,
    action: Option<Action>,
}

impl Moment {
    fn env(&self) -> Env<'static> {
        Env {
            random: self.random,
            max_entries: 150,
            ..env(self.now)
        }
    }

    /// Entries that came out, if it was an advance, and its action.
    fn play(&self, machine: &mut Machine) -> (Vec<Entry>, Option<Action>) {
        match &self.input {
            Input::Advance => {
                let step = machine.advance(&self.env());
                return (step.entries, Some(step.action));
            }
            Input::Result(result) => machine.call_result(result.clone(), &self.env()),
            Input::TimeOut => machine.time_out(&self.env()),
            Input::Inbox(item) => machine.inbox(item.clone(), &self.env()),
        }
        (Vec::new(), None)
    }
}

/// A world that answers by chance.
struct World {
    seed: u64,
    now: Micros,
    row: i32,
    moments: Vec<Moment>,
    journal: Vec<Entry>,
}

impl World {
    fn chance(&mut self, of: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % of
    }

    fn give(&mut self, machine: &mut Machine, input: Input) -> Option<Action> {
        let random = self.chance(1 << 30);
        let mut moment = Moment {
            input,
            now: self.now,
            random,
            after: 0,
            action: None,
        };
        let (entries, action) = moment.play(machine);
        self.journal.extend(entries);
        moment.action.clone_from(&action);
        moment.after = machine.entries();
        self.moments.push(moment);
        action
    }

    fn inbox(&mut self, machine: &mut Machine, kind: InboxItemKind) {
        self.row += 1;
        self.give(
            machine,
            Input::Inbox(InboxItem {
                n: self.row,
                at: self.now,
                kind,
            }),
        );
    }

    /// Runs to the end, or until nothing can happen any more.
    fn run(&mut self, machine: &mut Machine) {
        for _ in 0..400 {
            match self.give(machine, Input::Advance) {
                Some(Action::Call(call)) => self.call(machine, call.deadline),
                Some(Action::Park { timers, subscription }) => {
                    let hears = subscription.is_some() && (timers.is_empty() || self.chance(3) > 0);
                    match timers.into_iter().next() {
                        _ if hears => self.event(machine),
                        Some(timer) => {
                            self.now = self.now.max(timer.due);
                            self.inbox(machine, InboxItemKind::Timer(timer.body));
                        }
                        None => return,
                    }
                }
                _ => return,
            }
            if self.chance(40) == 0 {
                self.inbox(machine, InboxItemKind::Cancel(json!("chance")));
            }
        }
    }

    fn event(&mut self, machine: &mut Machine) {
        let data = json!({"n": self.chance(4), "k": self.chance(2)});
        self.inbox(machine, InboxItemKind::Event(event("told", &data)));
    }

    fn call(&mut self, machine: &mut Machine, deadline: Option<Micros>) {
        if self.chance(8) == 0 {
            self.inbox(
                machine,
                InboxItemKind::Timer(json!({"timer": "wait", "path": "/do/0/gone"})),
            );
        }
        if self.chance(6) == 0 {
            self.event(machine);
        }
        if let Some(deadline) = deadline.filter(|_| self.chance(5) == 0) {
            self.now = self.now.max(deadline);
            self.give(machine, Input::TimeOut);
            return;
        }
        let started_at = self.now;
        self.now += 1_000 * Micros::try_from(self.chance(2_000)).unwrap();
        let result = match self.chance(6) {
            0 => Err(failure("communication", 503)),
            1 => Err(CallFailure {
                fatal: true,
                ..failure("validation", 422)
            }),
            n => Ok(json!({"n": n % 3, "statusCode": 200 + n * 60 - 120, "content": {"n": n}})),
        };
        self.give(
            machine,
            Input::Result(CallResult {
                started_at,
                ended_at: self.now,
                result,
            }),
        );
    }
}

fn machine(definition: &Arc<Definition>, prefix: &[Entry]) -> Machine {
    let mut machine = Machine::new(
        Arc::clone(definition),
        run_info(json!({"n": 1, "items": [1, "b"]})),
    );
    for entry in prefix {
        machine.apply(entry).unwrap();
    }
    machine
}

fn check(definition: &Arc<Definition>, seed: u64) {
    let mut world = World {
        seed,
        now: START,
        row: 0,
        moments: Vec::new(),
        journal: Vec::new(),
    };
    world.run(&mut machine(definition, &[]));
    let journal = decode(&encode(&world.journal)).unwrap();
    assert_eq!(journal, world.journal);
    for length in 0..=journal.len() {
        prefix(definition, &world, length);
    }
}

fn prefix(definition: &Arc<Definition>, world: &World, length: usize) {
    let mut replayed = machine(definition, &world.journal[..length]);
    // Rows that were folded come again.
    for moment in &world.moments {
        if let Input::Inbox(item) = &moment.input
            && item.n <= replayed.inbox_folded()
        {
            replayed.inbox(item.clone(), &moment.env());
        }
    }
    // What was decided at this length is decided again.
    let settled = world
        .moments
        .iter()
        .rfind(|moment| moment.action.is_some() && moment.after == length);
    if let Some(moment) = settled {
        let later = Env {
            now: moment.now + 1,
            random: moment.random + 1,
            ..moment.env()
        };
        let due = due(moment.action.as_ref()).is_some_and(|due| due <= later.now);
        for env in [moment.env(), if due { moment.env() } else { later }] {
            let step = replayed.advance(&env);
            assert_eq!(
                (step.entries.len(), Some(&step.action)),
                (0, moment.action.as_ref()),
                "at {length}"
            );
            replayed = machine(definition, &world.journal[..length]);
        }
    }
    // And the rest is the same.
    let mut entries = world.journal[..length].to_vec();
    for moment in world.moments.iter().skip_while(|moment| moment.after <= length) {
        let (new, action) = moment.play(&mut replayed);
        entries.extend(new);
        assert_eq!(action, moment.action, "at {length}");
    }
    assert_eq!(entries, world.journal, "at {length}");
}

/// The next time the clock itself changes something.
fn due(action: Option<&Action>) -> Option<Micros> {
    match action? {
        Action::Call(call) => call.deadline,
        Action::Park { timers, .. } => timers.first().map(|timer| timer.due),
        Action::End(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_prefix_of_every_run_goes_on_as_the_run_did(written in documents(), seed in any::<u64>()) {
        check(&document(&written.to_string()), seed);
    }
}

/// Guards the test above: random runs that all fault at once would prove nothing.
#[test]
fn random_runs_reach_every_kind_of_fact_and_end_in_every_way() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::<String, usize>::new();
    for seed in 0..200 {
        let written = documents().new_tree(&mut runner).unwrap().current();
        let mut world = World {
            seed,
            now: START,
            row: 0,
            moments: Vec::new(),
            journal: Vec::new(),
        };
        world.run(&mut machine(&document(&written.to_string()), &[]));
        let end = match world.moments.pop().and_then(|moment| moment.action) {
            Some(Action::End(Outcome::Completed(_))) => "completed",
            Some(Action::End(Outcome::Faulted(_))) => "faulted",
            Some(Action::End(Outcome::Cancelled)) => "cancelled",
            _ => "open",
        };
        let facts = world
            .journal
            .iter()
            .map(|entry| short(entry).split(' ').next().unwrap().to_owned());
        for fact in facts.chain([format!("run {end}")]) {
            *seen.entry(fact).or_default() += 1;
        }
    }
    println!("{seen:?}");
    for fact in [
        "started",
        "skipped",
        "iteration",
        "done",
        "failed",
        "retry",
        "attempt",
        "caught",
        "fault",
        "kept",
    ] {
        assert!(
            seen.get(fact).is_some_and(|count| *count >= 10),
            "{fact} of {seen:?}"
        );
    }
    for end in ["run completed", "run faulted", "run cancelled", "ignored"] {
        assert!(
            seen.get(end).is_some_and(|count| *count >= 8),
            "{end} of {seen:?}"
        );
    }
}

/// jq after an upgrade that changed everything.
struct Upgraded;

impl Evaluate for Upgraded {
    fn evaluate(&self, _: &Expression, _: &Value, _: &Variables<'_>) -> Result<Value, ExpressionError> {
        Err(ExpressionError("changed".to_owned()))
    }
}

#[test]
fn what_was_journaled_is_never_evaluated_again() {
    let definition = definition(
        "do:
  - s: {set: {n: '${ .n + 1 }'}, export: {as: '{n: .n}'}}
  - l: {input: {from: '{n: .n}'}, for: {in: '[1, 2]'}, do: [{w: {wait: '${ {seconds: 5} }'}}]}
  - a: {call: pay}
",
    );
    let mut world = World {
        seed: 5,
        now: START,
        row: 0,
        moments: Vec::new(),
        journal: Vec::new(),
    };
    world.run(&mut machine(&definition, &[]));
    let call = world
        .journal
        .iter()
        .position(|entry| entry.path == "/do/2/a")
        .unwrap();
    let mut replayed = machine(&definition, &world.journal[..call]);
    let step = replayed.advance(&Env {
        evaluator: &Upgraded,
        ..env(world.now)
    });
    assert!(
        matches!(step.action, Action::Call(call) if call.path == "/do/2/a"),
        "{:?}",
        step.entries
    );
}
