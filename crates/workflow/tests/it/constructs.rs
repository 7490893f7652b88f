//! Good documents of each construct, and what they are lowered to.

use std::time::Duration;

use crate::documents::{known, parsed, tasks};
use levqor_workflow::{
    Known, canonical, hash, limits,
    model::{
        Backoff, Definition, Delay, Endpoint, EventMatch, EventRead, Flow, HttpOutput, Schedule, Task,
        TaskKind, Template,
    },
    parse,
    schema::Schema,
};
use serde_json::json;

#[track_caller]
fn good(text: &str) -> Definition {
    parsed(text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}

/// The first task.
#[track_caller]
fn task(list: &str) -> Task {
    good(&tasks(list)).tasks.tasks.remove(0)
}

fn source(template: &Template) -> &str {
    match template {
        Template::Expression(expression) => expression.source(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_says_who_it_is() {
    let text = "
document:
  dsl: 1.0.3
  namespace: Acme-1
  name: order
  version: 1.2.3-rc.1+5
  title: Orders
  summary: Takes *orders*
  tags: {team: shop}
  metadata: {n: 1}
do: []
";
    let definition = good(text);
    let document = &definition.document;
    assert_eq!(
        (document.dsl.as_str(), document.namespace.as_str()),
        ("1.0.3", "Acme-1")
    );
    assert_eq!(
        (document.name.as_str(), document.version.as_str()),
        ("order", "1.2.3-rc.1+5")
    );
    assert_eq!(document.title.as_deref(), Some("Orders"));
    assert_eq!(document.summary.as_deref(), Some("Takes *orders*"));
    assert_eq!(
        (&document.tags, &document.metadata),
        (&json!({"team": "shop"}), &json!({"n": 1}))
    );
    assert_eq!(definition.source["document"]["version"], "1.2.3-rc.1+5");
    assert!(definition.tasks.tasks.is_empty());
}

#[test]
fn yaml_and_json_of_one_document_have_one_hash() {
    let yaml = good(&tasks("  - a:\n      set: {b: 1.0, c: é, d: \"\\U0001f600\"}"));
    let json = good(
        r#"{"do": [{"a": {"set": {"d": "\ud83d\ude00", "c": "é", "b": 1}}}],
            "document": {"version": "1.0.0", "name": "test", "namespace": "test", "dsl": "1.0.3"}}"#,
    );
    assert_eq!(canonical(&yaml), canonical(&json));
    assert_eq!(hash(&canonical(&yaml)), hash(&canonical(&json)));
    let other = good(&tasks("  - a: {set: {b: 2}}"));
    assert_ne!(hash(&canonical(&yaml)), hash(&canonical(&other)));
}

#[test]
fn the_canonical_form_reads_back_as_the_same_document() {
    let characters: String = ('\u{1}'..='\u{ffff}').chain('\u{1f5ff}'..='\u{1f610}').collect();
    for part in characters.chars().collect::<Vec<_>>().chunks(8_000) {
        let text: String = part.iter().collect();
        let document = json!({
            "document": {"dsl": "1.0.3", "namespace": "n", "name": "n", "version": "1.0.0"},
            "do": [{"a": {"call": "charge", "with": {"text": text, "n": [1e300, -0.5, i64::MIN, u64::MAX]}}}],
        });
        let definition = good(&document.to_string());
        let again = good(&String::from_utf8(canonical(&definition)).unwrap());
        assert_eq!(definition.source, again.source);
        assert_eq!(*definition.source, document);
    }
}

#[test]
fn a_byte_order_mark_windows_line_ends_and_a_start_marker_are_read() {
    good(&format!("\u{feff}{}", tasks("  - a: {set: {b: 1}}")));
    good(&tasks("  - a: {set: {b: 1}}").replace('\n', "\r\n"));
    good(&format!("%YAML 1.2\n---\n{}...\n", tasks("  - a: {set: {b: 1}}")));
}

#[test]
fn what_all_tasks_have_in_common() {
    let definition = good(&tasks(
        "  - first:
      if: .go
      input: {schema: {document: {type: object}}, from: .order}
      output: {schema: {format: 'json:draft-07', document: true}, as: {id: '${ .id }', kind: order}}
      export: {as: '$context + {id: .id}'}
      timeout: {after: PT5S}
      metadata: {why: test}
      then: third
      set: {id: '${ .number }', fixed: [1, {a: null}]}
  - second: {do: [], then: exit, timeout: {after: '${ .patience }'}}
  - third: {do: [], then: first}
  - fourth: {do: [], then: end}
  - fifth: {do: [], then: continue}",
    ));
    let tasks = &definition.tasks;
    assert_eq!(&*tasks.pointer, "/do");
    let first = &tasks.tasks[0];
    assert_eq!(
        (&*first.name, &*first.pointer, first.kind_name()),
        ("first", "/do/0/first", "set")
    );
    assert_eq!(
        first
            .condition
            .as_ref()
            .map(levqor_expressions::Expression::source),
        Some(".go")
    );
    assert_eq!(first.input.schema.as_deref(), Some(&json!({"type": "object"})));
    assert_eq!(first.input.from.as_ref().map(source), Some(".order"));
    assert_eq!(
        first.export.r#as.as_ref().map(source),
        Some("$context + {id: .id}")
    );
    assert!(matches!(first.timeout, Some(Delay::Fixed(after)) if after == Duration::from_secs(5)));
    assert_eq!(first.metadata, json!({"why": "test"}));
    assert_eq!(first.definition["timeout"], json!({"after": "PT5S"}));
    let Some(Template::Object(members)) = &first.output.r#as else {
        panic!("{first:?}")
    };
    assert_eq!(source(&members[0].1), ".id");
    assert!(matches!(&members[1].1, Template::Literal(value) if value == "order"));
    let thens: Vec<_> = tasks.tasks.iter().map(|task| task.then).collect();
    assert_eq!(
        thens,
        [
            Flow::Task(2),
            Flow::Exit,
            Flow::Task(0),
            Flow::End,
            Flow::Continue
        ]
    );
    assert_eq!((tasks.find("third"), tasks.find("sixth")), (Some(2), None));
    assert!(matches!(tasks.tasks[1].timeout, Some(Delay::Computed(_))));
}

#[test]
fn lists_nest_and_know_their_pointers() {
    let outer = task("  - outer: {do: [{inner: {do: [{set/it: {set: '${ . }'}}]}}]}");
    let TaskKind::Do(list) = &outer.kind else {
        panic!("{outer:?}")
    };
    let TaskKind::Do(list) = &list.tasks[0].kind else {
        panic!("{outer:?}")
    };
    assert_eq!(&*list.pointer, "/do/0/outer/do/0/inner/do");
    assert_eq!(&*list.tasks[0].pointer, "/do/0/outer/do/0/inner/do/0/set~1it");
    assert!(matches!(&list.tasks[0].kind, TaskKind::Set(template) if source(template) == "."));
}

#[test]
fn http_calls() {
    let call = task(
        "  - a:
      call: http
      with:
        method: post
        endpoint: {uri: 'https://example.com/{id}?q={q}'}
        headers: {X-Trace: '${ .trace }', Accept: application/json}
        query: ${ .query }
        body: {order: '${ . }', note: plain .text}
        output: response
        redirect: true",
    );
    let TaskKind::Http(http) = &call.kind else {
        panic!("{call:?}")
    };
    assert_eq!(
        (http.method.as_str(), http.output, http.redirect),
        ("POST", HttpOutput::Response, true)
    );
    assert!(matches!(&http.endpoint, Endpoint::UriTemplate(uri) if uri == "https://example.com/{id}?q={q}"));
    assert!(matches!(&http.headers, Some(Template::Object(headers)) if headers.len() == 2));
    assert_eq!(http.query.as_ref().map(source), Some(".query"));
    assert!(matches!(&http.body, Some(Template::Object(_))));

    let short = task("  - a: {call: http, with: {method: get, endpoint: '${ .url }'}}");
    let TaskKind::Http(http) = &short.kind else {
        panic!("{short:?}")
    };
    assert!(matches!(&http.endpoint, Endpoint::Expression(expression) if expression.source() == ".url"));
    assert_eq!((http.output, http.redirect), (HttpOutput::Content, false));
    assert!(http.headers.is_none() && http.body.is_none() && http.query.is_none());
}

#[test]
fn activity_calls() {
    let call = task("  - a: {call: charge, with: {amount: '${ .total }'}}");
    assert_eq!(call.kind_name(), "activity");
    assert!(matches!(&call.kind, TaskKind::Activity { name, with: Template::Object(_) } if name == "charge"));
    let bare = task("  - a: {call: charge}");
    assert!(
        matches!(&bare.kind, TaskKind::Activity { with: Template::Literal(with), .. } if *with == json!({}))
    );
    let unheard = tasks("  - a: {call: unheard.of}");
    assert!(parse(unheard.as_bytes(), &Known::default()).is_ok());
    assert!(parse(unheard.as_bytes(), &known()).is_err());
}

#[test]
fn waits() {
    for (wait, expected) in [("PT30S", 30), ("{minutes: 1, seconds: 5}", 65), ("P1W", 604_800)] {
        let wait = task(&format!("  - a: {{wait: {wait}}}"));
        assert!(
            matches!(wait.kind, TaskKind::Wait(Delay::Fixed(after)) if after.as_secs() == expected),
            "{wait:?}"
        );
    }
    let computed = task("  - a: {wait: '${ .pause }'}");
    assert!(matches!(&computed.kind, TaskKind::Wait(Delay::Computed(pause)) if pause.source() == ".pause"));
}

#[test]
fn switches() {
    let list = "
  - choose:
      switch:
        - big: {when: .n > 10, then: last}
        - small: {when: '${ .n < 3 }', then: end}
        - default: {then: exit}
  - last: {do: []}";
    let switch = task(list);
    let TaskKind::Switch(cases) = &switch.kind else {
        panic!("{switch:?}")
    };
    let cases: Vec<_> = cases
        .iter()
        .map(|case| {
            (
                case.name.as_str(),
                case.when.as_ref().map(levqor_expressions::Expression::source),
                case.then,
            )
        })
        .collect();
    assert_eq!(
        cases,
        [
            ("big", Some(".n > 10"), Flow::Task(1)),
            ("small", Some(".n < 3"), Flow::End),
            ("default", None, Flow::Exit)
        ]
    );
}

#[test]
fn tries_with_inline_and_named_policies() {
    let list = "
  - a:
      try: [{b: {call: charge}}]
      catch:
        errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication', status: 503, details: x}}
        as: err
        when: .ok
        exceptWhen: ${ .fatal }
        retry: patient
        do: [{c: {set: {d: '${ $err }'}}}]
        then: end
  - e:
      try: []
      catch: {retry: {limit: {duration: PT1H, attempt: {duration: {seconds: 2}}}}}
  - f: {try: [], catch: {}}";
    let text = tasks(list)
        + "use:
  retries:
    patient:
      when: .x
      delay: {seconds: 3}
      backoff: {exponential: {}}
      limit: {attempt: {count: 5}, duration: PT1M}
      jitter: {from: PT0S, to: PT1S}
";
    let definition = good(&text);
    let tries: Vec<_> = definition
        .tasks
        .tasks
        .iter()
        .map(|task| {
            let TaskKind::Try(r#try) = &task.kind else {
                panic!("{task:?}")
            };
            r#try
        })
        .collect();
    let first = tries[0];
    assert_eq!(&*first.tasks.pointer, "/do/0/a/try");
    assert_eq!(
        (
            first.errors.status,
            first.errors.detail.as_deref(),
            first.r#as.as_str()
        ),
        (Some(503), Some("x"), "err")
    );
    assert_eq!(
        first.r#do.as_ref().map(|list| &*list.pointer),
        Some("/do/0/a/catch/do")
    );
    assert_eq!(first.then, Some(Flow::End));
    let retry = first.retry.as_ref().unwrap();
    assert_eq!(
        (retry.attempts, retry.backoff, retry.duration),
        (5, Backoff::Exponential, Some(Duration::from_mins(1)))
    );
    assert_eq!(retry.jitter, Some((Duration::ZERO, Duration::from_secs(1))));
    let second = tries[1].retry.as_ref().unwrap();
    assert_eq!(
        (second.attempts, second.backoff),
        (limits::RETRIES, Backoff::Constant)
    );
    assert_eq!(second.attempt_duration, Some(Duration::from_secs(2)));
    assert!(matches!(second.delay, Delay::Fixed(Duration::ZERO)));
    assert_eq!(tries[2].r#as, "error");
    assert!(tries[2].retry.is_none() && tries[2].r#do.is_none() && tries[2].then.is_none());
}

#[test]
fn a_policy_without_limit_is_bounded() {
    let text = tasks("  - a: {try: [], catch: {retry: {delay: PT1S}}}");
    let TaskKind::Try(r#try) = &good(&text).tasks.tasks[0].kind.clone() else {
        panic!("no try")
    };
    assert_eq!(
        r#try.retry.as_ref().map(|retry| retry.attempts),
        Some(limits::DEFAULT_RETRIES)
    );
}

#[test]
fn raises_with_inline_and_named_errors() {
    let inline = task(
        "  - a: {raise: {error: {type: 'https://e.com/x', status: 418, title: '${ .t }', detail: d, instance: /do/0}}}",
    );
    let TaskKind::Raise(error) = &inline.kind else {
        panic!("{inline:?}")
    };
    assert!(matches!(&error.status, Template::Literal(status) if *status == json!(418)));
    assert_eq!(error.title.as_ref().map(source), Some(".t"));
    let text = tasks("  - a: {raise: {error: oops}}")
        + "use: {errors: {oops: {type: about:blank, status: '${ .status }'}}}\n";
    let definition = good(&text);
    let TaskKind::Raise(error) = &definition.tasks.tasks[0].kind else {
        panic!("no raise")
    };
    assert_eq!(source(&error.status), ".status");
}

#[test]
fn loops() {
    let named =
        task("  - a: {for: {each: pet, at: i, in: .pets}, while: .go, do: [{b: {set: {c: '${ $pet }'}}}]}");
    let TaskKind::For(r#for) = &named.kind else {
        panic!("{named:?}")
    };
    assert_eq!(
        (r#for.each.as_str(), r#for.at.as_str(), source(&r#for.r#in)),
        ("pet", "i", ".pets")
    );
    assert_eq!(
        r#for.r#while.as_ref().map(levqor_expressions::Expression::source),
        Some(".go")
    );
    assert_eq!(&*r#for.tasks.pointer, "/do/0/a/do");
    let inline = task("  - a: {for: {in: [{n: 1}, {n: '${ .two }'}]}, do: []}");
    let TaskKind::For(r#for) = &inline.kind else {
        panic!("{inline:?}")
    };
    assert_eq!((r#for.each.as_str(), r#for.at.as_str()), ("item", "index"));
    assert!(matches!(&r#for.r#in, Template::Array(items) if items.len() == 2));
}

#[test]
fn events() {
    let emit = task(
        "  - a: {emit: {event: {with: {type: t, source: '${ .s }', time: '2026-01-31T12:00:00Z', roomid: 5, data: {x: 1}}}}}",
    );
    assert!(matches!(&emit.kind, TaskKind::Emit(Template::Object(attributes)) if attributes.len() == 5));
    let listen = task(
        "  - a:
      listen:
        to:
          one:
            with: {type: t, data: '${ .n > 1 }'}
            correlate: {room: {from: .roomid, expect: '${ .room }'}, any: {from: '${ .x }'}}
        read: envelope",
    );
    let TaskKind::Listen(listen) = &listen.kind else {
        panic!("{listen:?}")
    };
    assert_eq!(listen.read, EventRead::Envelope);
    assert!(matches!(&listen.with[0], (name, EventMatch::Literal(value)) if name == "type" && value == "t"));
    assert!(matches!(&listen.with[1], (name, EventMatch::Expression(_)) if name == "data"));
    assert_eq!(listen.correlate[0].1.source(), ".roomid");
    assert!(listen.correlate[0].2.is_some() && listen.correlate[1].2.is_none());
}

#[test]
fn schedules_and_timeouts_of_workflows() {
    let top = |top: &str| good(&(tasks("  - a: {do: []}") + top));
    assert_eq!(
        top("schedule: {cron: 0 0 * * *}").schedule,
        Some(Schedule::Cron("0 0 * * *".to_owned()))
    );
    assert_eq!(
        top("schedule: {every: {seconds: 1}}").schedule,
        Some(Schedule::Every(Duration::from_secs(1)))
    );
    let named = top("use: {timeouts: {short: {after: PT1M}}}\ntimeout: short");
    assert!(matches!(named.timeout, Some(Delay::Fixed(after)) if after.as_secs() == 60));
    assert!(top("evaluate: {language: jq, mode: strict}").schedule.is_none());
}

#[test]
fn schemas_may_refer_to_their_definitions_and_hold_references_as_data() {
    let text = tasks("  - a: {do: []}")
        + "input:
  schema:
    document:
      $id: https://example.com/order
      properties:
        $ref: {const: {$ref: 'https://example.com'}}
        from: {$ref: '#/$defs/a%20b~1c'}
        to: {$ref: '#/$defs/a%20b~1c'}
      $defs:
        a b/c: {type: string, format: date-time, pattern: '^2'}
";
    let schema = good(&text).input.schema.unwrap();
    let schema = Schema::compile(&schema).unwrap();
    assert_eq!(schema.misfits(&json!({"from": "2026-01-31T12:00:00Z"}), 9), []);
    assert_eq!(schema.misfits(&json!({"to": "2026-01-31"}), 9)[0].pointer, "/to");
}

#[test]
fn a_jq_string_may_hold_what_looks_like_an_expression() {
    let text = task("  - a: {if: '.a == \"${x}\"', set: {b: '${ \"${\" }'}}");
    assert_eq!(text.condition.unwrap().source(), ".a == \"${x}\"");
}
