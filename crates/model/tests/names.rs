//! The model speaks of the code: these tests read its sources and fail when one of the two goes its own way.

use levqor_model::{Action, Bug, Kind, Op, Promise, RunState};

const INTAKE: &str = include_str!("../../store/src/api/intake.rs");
const WORKER: &str = include_str!("../../store/src/api/worker.rs");
const SCHEDULE: &str = include_str!("../../store/src/api/schedule.rs");
const READ: &str = include_str!("../../store/src/api/read.rs");
const PROTOCOL: &str = include_str!("../../../docs/PROTOCOL.md");
const PAGE: &str = include_str!("../../../docs/model.md");
const SIMULATION: &str = include_str!("../../simulation/src/bug.rs");

/// Methods of the store's traits that the model leaves out. A new method is to be modelled or to be put here with its reason.
const LEFT_OUT: [(&str, &str); 18] = [
    ("ingest", "wakes by the same statement as deliver"),
    ("register_worker", "workers are there from the start"),
    ("inbox_counts", "says only when to call inbox_after"),
    ("lead", "one leader: P9 is tested on Postgres"),
    ("abdicate", "one leader"),
    ("any_ready", "says only when to call ready"),
    ("next_timer", "says only when to fire"),
    ("due_schedules", "schedules start runs by intake's insert"),
    ("next_schedule", "says only when to tick"),
    ("tick", "schedules"),
    ("lease_outbox", "what leaves is not modelled"),
    ("delete_outbox", "what leaves is not modelled"),
    ("continue_events", "as ingest"),
    ("sweep", "takes only rows that nobody reads"),
    ("vacuum", "storage"),
    ("ensure_partitions", "storage"),
    ("drop_expired_partitions", "storage"),
    ("expire_runs", "storage"),
];

/// Names after `marker` in the text.
fn names_after<'t>(text: &'t str, marker: &str) -> Vec<&'t str> {
    let rest = text.split(marker).skip(1);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    rest.map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or_default())
        .collect()
}

/// The variants of an enum in a source text.
fn variants<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let body = text.split(&format!("pub enum {name} {{")).nth(1).expect(name);
    let body = body.split("\n}").next().unwrap_or_default();
    let lines = body
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(char::is_uppercase));
    lines
        .map(|line| {
            line.split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default()
        })
        .collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every action that is a method without a statement of its own.
fn asides() -> Vec<&'static str> {
    let actions = [
        Action::Relay(0),
        Action::Sweep(0, 0),
        Action::Tick,
        Action::Bury(0),
        Action::Resume(0),
        Action::Exit(0),
        Action::Look(0),
    ];
    actions.iter().filter_map(|action| action.method()).collect()
}

#[test]
fn every_operation_is_a_method_of_the_store_and_every_method_is_modelled_or_left_out() {
    let methods: Vec<_> = [INTAKE, WORKER, SCHEDULE]
        .into_iter()
        .flat_map(|text| names_after(text, "async fn "))
        .collect();
    let modelled: Vec<_> = Op::METHODS.into_iter().chain(asides()).collect();
    for name in &modelled {
        assert!(methods.contains(name), "the store has no {name}");
    }
    let left_out = LEFT_OUT.map(|(name, _)| name);
    for name in &methods {
        let places = [modelled.contains(name), left_out.contains(name)];
        assert!(
            places[0] != places[1],
            "{name}: model it, or say in LEFT_OUT why not"
        );
    }
    for name in left_out {
        assert!(methods.contains(&name), "the store has no {name} any more");
    }
}

#[test]
fn states_are_those_of_the_code() {
    let mut modelled: Vec<_> = RunState::ALL.iter().map(|state| format!("{state:?}")).collect();
    // Nothing writes `suspended`; `faulted` commits as `completed` does.
    modelled.extend(["Suspended", "Faulted"].map(ToOwned::to_owned));
    let mut states = variants(READ, "RunState");
    states.sort_unstable();
    modelled.sort_unstable();
    assert_eq!(states, modelled);
}

#[test]
fn inbox_kinds_and_fates_are_those_of_the_code() {
    assert_eq!(
        variants(INTAKE, "InboxKind"),
        Kind::ALL.map(|kind| format!("{kind:?}"))
    );
    assert_eq!(
        variants(WORKER, "WriteFate"),
        ["Committed", "InboxMoved", "Fenced"]
    );
}

/// What the model compares under the row's lock, in the words of the statements.
#[test]
fn statements_compare_what_the_model_compares() {
    let statements = [
        (
            include_str!("../../store/src/postgres/claim.rs"),
            "(SELECT (state = 0 AND ready AND epoch = ($2::int4[])[p]) \
             OR (state = 1 AND epoch = ($2::int4[])[p] + 1 AND token = ($3::uuid[])[p]) FROM",
        ),
        (
            include_str!("../../store/src/postgres/fence.rs"),
            "state = 1 AND (SELECT epoch = ($2::int4[])[p] AND seq = ($3::int4[])[p]",
        ),
        (
            include_str!("../../store/src/postgres/fence.rs"),
            "\" AND inbox = (\", $inbox, \"::int4[])[p]\"",
        ),
        (
            include_str!("../../store/src/postgres/append.rs"),
            "WHERE \", fence!(),",
        ),
        (
            include_str!("../../store/src/postgres/park.rs"),
            "WHERE \", fence!(\"$5\"),",
        ),
        (
            include_str!("../../store/src/postgres/end.rs"),
            "WHERE \", fence!(\"$4\"),",
        ),
        (
            include_str!("../../store/src/postgres/release.rs"),
            "AND (state = 1 OR state = 0 AND ready) AND epoch = ",
        ),
        (
            include_str!("../../store/src/postgres/rescue.rs"),
            "AND state = 1 AND epoch = ((SELECT epochs FROM lists))",
        ),
        (
            include_str!("../../store/src/postgres/rescue.rs"),
            "WHERE id = $2 AND beats = $3 AND alive",
        ),
        (
            include_str!("../../store/src/postgres/wake.rs"),
            "state = CASE WHEN state = 2 THEN 0 ELSE state END, ready = ready OR state IN (0, 2)",
        ),
        (
            include_str!("../../store/src/postgres/intake.rs"),
            "INSERT INTO batches (token, at) VALUES ($1, now_us()) ON CONFLICT DO NOTHING",
        ),
        (
            include_str!("../../store/src/postgres/deliver.rs"),
            "INSERT INTO batches (token, at) VALUES ($1, now_us()) ON CONFLICT DO NOTHING",
        ),
    ];
    for (source, words) in statements {
        assert!(squeezed(source).contains(words), "no statement says: {words}");
    }
}

#[test]
fn every_rule_that_a_bug_weakens_is_in_the_protocol() {
    for bug in Bug::ALL {
        let rule = bug.rule();
        let (row, paragraph) = (format!("| {rule} |"), format!("**{rule}"));
        assert!(
            PROTOCOL.contains(&row) || PROTOCOL.contains(&paragraph),
            "{bug:?}: no {rule} there"
        );
    }
}

#[test]
fn the_page_names_every_bug_and_promise() {
    for bug in Bug::ALL {
        assert!(
            PAGE.contains(&format!("`{bug:?}`")),
            "docs/model.md does not name {bug:?}"
        );
        for promise in bug.breaks() {
            assert!(
                PAGE.contains(promise.name()),
                "docs/model.md does not say: {}",
                promise.name()
            );
        }
    }
    assert_eq!(
        Promise::ALL.len(),
        PAGE.matches("\n- *").count(),
        "promises on the page"
    );
}

#[test]
fn the_bugs_of_the_simulation_are_planted_here_too() {
    let here = Bug::ALL.map(|bug| format!("{bug:?}"));
    for name in variants(SIMULATION, "Bug") {
        assert!(
            here.iter().any(|bug| bug == name),
            "the simulation plants {name}, the model does not"
        );
    }
}
