//! `listen` and `emit`.

use levqor_engine::{Action, InboxItemKind, Subscription};
use serde_json::{Value, json};

use crate::play::{Play, START, event, kind, play};

fn listening(one: &str, read: &str) -> Play {
    play(
        &format!("do:\n  - l: {{listen: {{to: {{one: {one}}}, read: {read}}}}}\n"),
        json!({"order": 7}),
    )
}

#[test]
fn listen_parks_with_its_literals_and_gives_an_array_of_the_event() {
    let filter = "{with: {type: order.paid, source: /shop}}";
    let paid = event("order.paid", &json!({"id": 7}));
    for (read, expected) in [
        ("data", json!([{"id": 7}])),
        ("raw", json!([{"id": 7}])),
        ("envelope", json!([paid])),
    ] {
        let mut run = listening(filter, read).events([paid.clone()]);
        let (timers, subscription) = run.parked();
        let literals = Subscription {
            event_type: Some("order.paid".to_owned()),
            source: Some("/shop".to_owned()),
        };
        assert_eq!((timers.len(), subscription), (0, Some(literals)));
        assert_eq!(run.output(), expected);
        assert_eq!(run.trace(), ["started /do/0/l", "done /do/0/l"]);
    }
}

#[test]
fn an_event_that_does_not_match_in_full_is_ignored_and_folded() {
    let filter = "{with: {type: order.paid, data: '${ .id == 7 }'}}";
    let other = event("order.paid", &json!({"id": 8}));
    let broken = event("order.paid", &json!("no object"));
    let mut run = listening(filter, "data").events([other, broken, event("order.paid", &json!({"id": 7}))]);
    assert_eq!(run.output(), json!([{"id": 7}]));
    assert_eq!(
        run.trace(),
        ["started /do/0/l", "ignored", "ignored", "done /do/0/l"]
    );
    assert_eq!(run.machine.inbox_folded(), 3);
}

#[test]
fn an_expression_may_give_the_value_an_attribute_must_equal() {
    let mut run = listening("{with: {type: t, subject: '${ $event.data.who }'}}", "data");
    for (subject, is_match) in [("bob", false), ("ada", true)] {
        let mut about = event("t", &json!({"who": "ada"}));
        about["subject"] = json!(subject);
        run.inbox(InboxItemKind::Event(about));
        assert_eq!(matches!(run.step(), Action::End(_)), is_match, "{subject}");
    }
}

#[test]
fn correlation_compares_with_what_is_expected() {
    let filter = "{with: {type: t}, correlate: {order: {from: .data.order, expect: '${ .order }'}}}";
    let events = [6, 7].map(|order| event("t", &json!({ "order": order })));
    let mut run = listening(filter, "data").events(events);
    assert_eq!(run.output(), json!([{"order": 7}]));
    assert_eq!(run.machine.inbox_folded(), 2);
}

#[test]
fn without_an_expectation_the_first_event_fixes_the_value_for_the_run() {
    let document = "do:
  - first: {listen: {to: {one: {with: {type: t}, correlate: {who: {from: .data.who}}}}}}
  - second: {listen: {to: {one: {with: {type: t}, correlate: {who: {from: .data.who}}}}}}
";
    let events = ["ada", "bob", "ada"].map(|who| event("t", &json!({ "who": who })));
    let mut run = play(document, Value::Null).events(events);
    assert_eq!(run.output(), json!([{"who": "ada"}]));
    assert_eq!(run.trace()[3], "ignored");
}

#[test]
fn an_event_that_comes_before_it_listens_is_kept() {
    let document = "do:
  - a: {call: noop}
  - l: {listen: {to: {one: {with: {type: t, data: '${ .n > 1 }'}}}}}
  - m: {listen: {to: {one: {with: {type: t}}}}}
";
    let mut run = play(document, Value::Null);
    run.call();
    for n in [1, 2] {
        run.inbox(InboxItemKind::Event(event("t", &json!({ "n": n }))));
    }
    assert_eq!(run.call().path, "/do/0/a");
    run.answer(Ok(Value::Null));
    assert_eq!(run.output(), json!([{"n": 1}]));
    assert_eq!(run.trace()[4], "done /do/1/l");
}

#[test]
fn events_kept_are_bounded() {
    let mut run = play("do:\n  - a: {call: noop}\n", Value::Null);
    run.call();
    for n in 0..=levqor_engine::limits::KEPT_EVENTS {
        run.inbox(InboxItemKind::Event(event("t", &json!({ "n": n }))));
    }
    run.call();
    assert_eq!(
        run.trace().iter().filter(|line| *line == "kept").count(),
        levqor_engine::limits::KEPT_EVENTS
    );
    assert_eq!(run.trace().last().unwrap(), "ignored");
}

#[test]
fn a_listen_times_out() {
    let document = "do:\n  - l: {listen: {to: {one: {with: {type: t}}}}, timeout: {after: PT5S}}\n";
    assert_eq!(kind(&play(document, Value::Null).error()), "timeout");
}

#[test]
fn emit_sends_one_complete_event_and_gives_it_as_output() {
    let document = "do:
  - emitEvent: {emit: {event: {with: {source: 'https://fake-source.com', type: greeted, data: {hi: '${ .name }'}}}}}
";
    let mut run = play(document, json!({"name": "Ada"}));
    let output = run.output();
    assert_eq!(run.emitted, std::slice::from_ref(&output));
    assert_eq!(output["source"], "https://fake-source.com");
    assert_eq!(
        (&output["specversion"], &output["data"]),
        (&json!("1.0"), &json!({"hi": "Ada"}))
    );
    assert_eq!(output["time"], "2025-11-22T09:20:00Z");
    assert!(output["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    assert_eq!(run.step(), Action::End(levqor_engine::Outcome::Completed(output)));
    assert_eq!(run.emitted.len(), 1);
}

#[test]
fn an_event_id_is_the_same_for_one_place_of_one_run() {
    let document = "do:\n  - l: {for: {in: '[1, 2]'}, do: [{e: {emit: {event: {with: {type: t}}}}}]}\n";
    let ids = |now| {
        let mut run = play(document, Value::Null);
        run.now = now;
        run.output();
        run.emitted
            .iter()
            .map(|event| event["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(START), ids(START + 1));
    assert_ne!(ids(START)[0], ids(START)[1]);
}

#[test]
fn an_event_has_the_runs_source_unless_it_says_another() {
    let document = "do:\n  - e: {emit: {event: {with: {type: t, id: mine}}}}\n";
    let output = play(document, Value::Null).output();
    assert_eq!(
        (&output["source"], &output["id"]),
        (&json!("/levqor/test/played"), &json!("mine"))
    );
    let document = "do:\n  - e: {emit: {event: {with: {type: '${ 3 }'}}}}\n";
    assert_eq!(kind(&play(document, Value::Null).error()), "expression");
}
