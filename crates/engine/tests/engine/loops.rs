//! `for`.

use serde_json::{Value, json};

use crate::play::{kind, play};

#[test]
fn each_iteration_works_on_the_output_of_the_one_before() {
    let tasks = "do:
  - loop:
      for: {each: color, in: .colors, at: i}
      do:
        - mark: {set: {colors: '${ .colors }', seen: '${ .seen + [{c: $color, i: $i}] }'}}
";
    let mut run = play(tasks, json!({"colors": ["red", "blue"]}));
    let seen = json!([{"c": "red", "i": 0}, {"c": "blue", "i": 1}]);
    assert_eq!(run.output(), json!({"colors": ["red", "blue"], "seen": seen}));
    assert_eq!(
        run.trace(),
        [
            "started /do/0/loop",
            "iteration /do/0/loop",
            "done /do/0/loop/for/0/do/0/mark",
            "iteration /do/0/loop",
            "done /do/0/loop/for/1/do/0/mark",
            "done /do/0/loop",
        ]
    );
}

#[test]
fn loops_nest_and_inner_variables_hide_outer_ones() {
    let tasks = "do:
  - outer:
      for: {in: '[1, 2]'}
      do:
        - inner:
            for: {in: '[10, 20]', at: j}
            do: [{add: {set: '${ . + [[$item, $index, $j]] }'}}]
        - own: {set: '${ . + [$item] }'}
";
    let mut run = play(tasks, json!([]));
    assert_eq!(
        run.output(),
        json!([[10, 0, 0], [20, 0, 1], 1, [10, 1, 0], [20, 1, 1], 2])
    );
    assert_eq!(run.trace()[8], "done /do/0/outer/for/0/do/1/own");
}

#[test]
fn while_decides_before_each_iteration() {
    let tasks = "do:
  - loop: {for: {in: '[5, 6, 7, 8]'}, while: '$item < 7 and . < 100', do: [{add: {set: '${ . + $item }'}}]}
";
    assert_eq!(play(tasks, json!(0)).output(), json!(11));
    assert_eq!(play(tasks, json!(200)).output(), json!(200));
}

#[test]
fn an_empty_collection_gives_the_input_back() {
    let mut run = play(
        "do:\n  - l: {for: {in: .xs}, do: [{a: {set: {n: 1}}}]}\n",
        json!({"xs": []}),
    );
    assert_eq!(run.output(), json!({"xs": []}));
    assert_eq!(run.trace(), ["started /do/0/l", "done /do/0/l"]);
}

#[test]
fn exit_ends_one_iteration() {
    let tasks = "do:
  - l:
      for: {in: '[1, 2, 3]'}
      do:
        - even: {switch: [{odd: {when: '$item % 2 == 1', then: exit}}]}
        - add: {set: '${ . + $item }'}
";
    assert_eq!(play(tasks, json!(0)).output(), json!(2));
}

#[test]
fn what_is_no_array_or_too_long_faults() {
    let document = "do:\n  - l: {for: {in: .xs}, do: [{a: {set: {n: 1}}}]}\n";
    for xs in [Value::Null, json!({"a": 1}), json!("abc")] {
        assert_eq!(kind(&play(document, json!({ "xs": xs })).error()), "expression");
    }
    let error = play(
        "do:\n  - l: {for: {in: '[range(10001)]'}, do: [{a: {set: {n: 1}}}]}\n",
        Value::Null,
    )
    .error();
    assert_eq!(kind(&error), "runtime");
    assert!(error.detail.unwrap().contains("10000"));
}
