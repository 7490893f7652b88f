//! The documents whose runs are checked. They are stored in a namespace of this verification alone, so that one on a
//! used installation finds its own runs and no others.

use serde_json::{Value, json};

use crate::history::Kind;

/// Names of the scheduled workflows, their schedule, the microseconds of their period, and whether due times are
/// multiples of it.
pub(super) const SCHEDULED: [(&str, &str, i64, bool); 2] = [
    ("tick-cron", "cron", 2_000_000, true),
    ("tick-every", "every", 3_000_000, false),
];

/// Version that is stored first.
pub(super) const FIRST: &str = "1.0.0";

/// Version without a schedule, which ends the ticks.
pub(super) const LAST: &str = "2.0.0";

/// Type of the events that listening runs take.
pub(super) fn event_type(namespace: &str) -> String {
    format!("levqor.{namespace}.signal")
}

/// Documents without a schedule.
pub(super) fn plain(namespace: &str) -> Vec<Value> {
    let mut kinds = Kind::LOAD.to_vec();
    kinds.push(Kind::Burst);
    let document = |kind: Kind| document(namespace, kind.name(), FIRST, &tasks(namespace, kind));
    kinds.into_iter().map(document).collect()
}

/// A call of the effect server and nothing else: whether it can be reached.
pub(super) fn probe(namespace: &str) -> Value {
    document(namespace, "probe", FIRST, &json!([{"call": call(1)}]))
}

/// A document that nothing runs: when it was stored is the store's time.
pub(super) fn clock(namespace: &str) -> Value {
    document(namespace, "clock", FIRST, &json!([{"only": {"call": "noop"}}]))
}

/// A document started by its schedule, or the same without one.
pub(super) fn scheduled(
    namespace: &str,
    (name, how, period, _): (&str, &str, i64, bool),
    version: &str,
) -> Value {
    let mut document = document(namespace, name, version, &json!([{"only": {"call": "noop"}}]));
    if version == FIRST {
        let seconds = period / 1_000_000;
        document["schedule"] = match how {
            "cron" => json!({"cron": format!("*/{seconds} * * * * *")}),
            _ => json!({"every": {"seconds": seconds}}),
        };
    }
    document
}

fn document(namespace: &str, name: &str, version: &str, tasks: &Value) -> Value {
    json!({
        "document": {"dsl": "1.0.3", "namespace": namespace, "name": name, "version": version},
        "do": tasks,
    })
}

fn tasks(namespace: &str, kind: Kind) -> Value {
    match kind {
        Kind::Steps => json!([{"first": tried(1)}, {"second": tried(2)}, {"third": tried(3)}]),
        Kind::Wait | Kind::Race => {
            json!([{"pause": {"wait": "${ {milliseconds: $workflow.input.milliseconds} }"}}])
        }
        // Longer than any verification.
        Kind::Cancel => json!([{"pause": {"wait": {"days": 30}}}]),
        Kind::Listen => json!([{"first": listen(namespace)}, {"second": listen(namespace)}]),
        // So slow that a burst makes a backlog on the fastest machine.
        Kind::Burst => json!([{"only": {"call": "sleep", "with": {"milliseconds": 500}}}]),
        Kind::Noop | Kind::Later | Kind::Tick => json!([{"only": {"call": "noop"}}]),
    }
}

/// A call that is tried again for as long as a fault lasts.
fn tried(step: u32) -> Value {
    let retry = json!({"delay": {"milliseconds": 150}, "limit": {"attempt": {"count": 1_000}}});
    json!({"try": [{"call": call(step)}], "catch": {"retry": retry}})
}

fn call(step: u32) -> Value {
    let of = |member: &str| format!("${{ $workflow.input.{member}[{}] }}", step - 1);
    json!({
        "call": "http",
        "with": {
            "method": "post",
            "endpoint": "${ $workflow.input.url }",
            "body": {"step": step, "fails": of("fails"), "slow": of("slow")},
        },
    })
}

/// One event with the run's key. What is expected is compared by the store, so that others' events do not wake the run.
fn listen(namespace: &str) -> Value {
    let correlate = json!({"op": {"from": "${ .data.op }", "expect": "${ $workflow.input.op }"}});
    json!({"listen": {"to": {"one": {"with": {"type": event_type(namespace)}, "correlate": correlate}}}})
}
