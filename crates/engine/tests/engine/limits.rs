//! Bounds (invariant I7).

use levqor_engine::{Machine, decode, encode};
use serde_json::{Value, json};

use crate::play::{definition, kind, play, run_info};

#[test]
fn a_loop_without_end_faults_past_every_catch() {
    let document = "do:
  - t:
      try:
        - spin: {set: {n: '${ .n + 1 }'}, then: spin}
      catch: {do: [{h: {set: {caught: true}}}]}
";
    let mut run = play(document, Value::Null);
    run.max_entries = 50;
    let error = run.error();
    assert_eq!((kind(&error), error.status), ("runtime", 500));
    assert!(error.detail.unwrap().contains("50 journal entries"));
    assert_eq!(run.journal.len(), 51);
}

#[test]
fn retries_without_end_fault_too() {
    let document = "do:
  - t: {try: [{r: {raise: {error: {type: 'https://e/x', status: 500}}}}], catch: {retry: {limit: {attempt: {count: 999}}}}}
";
    let mut run = play(document, Value::Null);
    run.max_entries = 50;
    assert_eq!(kind(&run.error()), "runtime");
}

#[test]
fn a_journal_that_grows_without_end_faults() {
    let document = "do:\n  - grow: {set: {a: '${ .a + .a }'}, then: grow}\n";
    let mut run = play(document, json!({"a": "x".repeat(100_000)}));
    let error = run.error();
    assert!(error.detail.unwrap().contains("bytes"));
    assert!(run.journal.len() < 12);
}

#[test]
fn a_value_that_could_not_be_read_back_faults_its_task() {
    let document = "do:\n  - deeper: {set: {a: '${ . }'}, then: deeper}\n";
    let mut run = play(document, Value::Null);
    let error = run.error();
    assert!(error.detail.unwrap().contains("levels"));
    let again = decode(&encode(&run.journal)).unwrap();
    assert_eq!(again, run.journal);
}

#[test]
fn a_journal_of_another_definition_is_corrupt_and_no_panic() {
    let mut run = play(
        "do:
  - t: {try: [{a: {call: pay}}], catch: {retry: {delay: PT1S}}}
  - l: {for: {in: '[1, 2]'}, do: [{s: {set: {n: 1}}}]}
  - w: {wait: PT1S}
",
        Value::Null,
    )
    .answers([Err(crate::play::failure("runtime", 500))]);
    run.output();
    for other in [
        "do: [{x: {set: {n: 1}}}]\n",
        "do: [{t: {do: [{a: {call: pay}}]}}]\n",
        "timeout: {after: PT1S}\ndo: [{t: {try: [{a: {call: pay}}], catch: {}}}]\n",
        "do: [{t: {try: [{a: {call: pay}}], catch: {}}}, {l: {set: {n: 1}}}]\n",
    ] {
        let mut machine = Machine::new(definition(other), run_info(Value::Null));
        assert!(
            run.journal.iter().any(|entry| machine.apply(entry).is_err()),
            "{other}"
        );
    }
}

#[test]
fn entries_out_of_order_are_corrupt_and_no_panic() {
    let document = "do:
  - t: {try: [{l: {for: {in: '[1, 2]'}, do: [{a: {call: pay}}]}}], catch: {retry: {delay: PT1S}, do: [{h: {wait: PT1S}}]}}
";
    let answers = [
        Ok(Value::Null),
        Err(crate::play::failure("runtime", 500)),
        Ok(Value::Null),
        Ok(Value::Null),
    ];
    let mut run = play(document, Value::Null).answers(answers);
    run.output();
    for skipped in 0..run.journal.len() {
        for start in [0, skipped] {
            let mut machine = Machine::new(definition(document), run_info(Value::Null));
            let rest = run
                .journal
                .iter()
                .enumerate()
                .skip(start)
                .filter(|(index, _)| *index != skipped);
            let _ = rest
                .map(|(_, entry)| machine.apply(entry))
                .take_while(Result::is_ok)
                .count();
        }
    }
}
