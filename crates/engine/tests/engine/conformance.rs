//! Scenarios of the specification's conformance kit, where it is present: those without fork, `OpenAPI` and
//! authentication, with the pet store scripted.

use std::{fs, path::Path};

use levqor_engine::{Action, CallKind, Outcome};
use levqor_workflow::{Known, parse};
use serde_json::{Value, json};

use crate::play::{Play, definition, document};

/// From the project's root; the project itself holds none of these files.
const KITS: [&str; 2] = [
    "../shared/conformance/ows/ctk",
    "../shared/conformance/ows/ctk-1.0.3",
];

/// What the engine cannot run yet; parsing refuses it.
const NOT_YET: [&str; 4] = [
    "Fork Task With Competing Concurrent Sub Tasks",
    "Call HTTP Using Basic Authentication",
    "Call OpenAPI With Content Output",
    "Call OpenAPI With Response Output",
];

struct Scenario {
    name: String,
    /// A step's text and its doc string.
    steps: Vec<(String, String)>,
}

#[test]
fn the_conformance_kits_scenarios_pass() {
    for kit in KITS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(kit);
        let Ok(files) = fs::read_dir(&folder) else {
            println!("skipped: no {kit}");
            continue;
        };
        let mut played = 0;
        for file in files {
            for scenario in scenarios(&fs::read_to_string(file.unwrap().path()).unwrap()) {
                played += usize::from(passes(&scenario));
            }
        }
        println!("{kit}: {played} scenarios passed");
        assert!(played >= 8, "{kit}: {played}");
    }
}

fn scenarios(feature: &str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut in_text = false;
    for line in feature.lines() {
        let text = line.trim();
        let step = scenarios
            .last_mut()
            .and_then(|scenario| scenario.steps.last_mut());
        match (text.strip_prefix("Scenario: "), step) {
            (_, Some(_)) if text.starts_with("\"\"\"") => in_text = !in_text,
            (_, Some((_, body))) if in_text => {
                body.push_str(line.strip_prefix("    ").unwrap_or(line));
                body.push('\n');
            }
            (Some(name), _) => scenarios.push(Scenario {
                name: name.to_owned(),
                steps: Vec::new(),
            }),
            _ => {
                let step = ["Given ", "When ", "Then ", "And "]
                    .iter()
                    .find_map(|word| text.strip_prefix(word));
                if let (Some(step), Some(scenario)) = (step, scenarios.last_mut()) {
                    scenario.steps.push((step.to_owned(), String::new()));
                }
            }
        }
    }
    scenarios
}

/// False when it is of those that cannot run yet.
fn passes(scenario: &Scenario) -> bool {
    let (_, definition) = scenario.steps.first().unwrap();
    if NOT_YET.contains(&scenario.name.as_str()) {
        println!("skipped: {}", scenario.name);
        return false;
    }
    assert!(
        parse(definition.as_bytes(), &Known::default()).is_ok(),
        "{}",
        scenario.name
    );
    let input = scenario
        .steps
        .iter()
        .find(|(step, _)| step.starts_with("given the workflow input"));
    let mut run = Play::of(
        document(definition),
        input.map_or(Value::Null, |(_, text)| yaml(text)),
    );
    let outcome = played(&mut run);
    for (step, text) in scenario.steps.iter().skip(1) {
        assert!(
            holds(step, text, &outcome, &run),
            "{}: {step}: {outcome:?}",
            scenario.name
        );
    }
    true
}

fn played(run: &mut Play) -> Outcome {
    loop {
        match run.step() {
            Action::End(outcome) => return outcome,
            Action::Call(call) => {
                let CallKind::Http(request) = call.kind else {
                    panic!("an activity")
                };
                run.answer(Ok(pet_store(&request.uri)));
            }
            Action::Park { .. } => panic!("parked"),
        }
    }
}

fn pet_store(uri: &str) -> Value {
    let pet = |id: i64| json!({"id": id, "name": "Milou", "status": "available"});
    let (status, content) = match uri.strip_prefix("https://petstore.swagger.io/v2/pet/").unwrap() {
        "findByStatus?status=available" => (200, json!([pet(1)])),
        "1" => (200, pet(1)),
        "2" => (200, pet(2)),
        _ => (404, json!({"message": "Pet not found"})),
    };
    let request = json!({"method": "GET", "uri": uri, "headers": {}});
    json!({"request": request, "statusCode": status, "headers": {}, "content": content})
}

fn holds(step: &str, text: &str, outcome: &Outcome, run: &Play) -> bool {
    let words: Vec<&str> = step.split(' ').collect();
    let quoted: Vec<&str> = step.split('\'').skip(1).step_by(2).collect();
    match (step, outcome) {
        ("the workflow is executed" | "given the workflow input is:", _)
        | ("the workflow should complete", Outcome::Completed(_))
        | ("the workflow should fault", Outcome::Faulted(_)) => true,
        ("the workflow should complete with output:", Outcome::Completed(output)) => *output == yaml(text),
        ("the workflow should fault with error:", Outcome::Faulted(error)) => {
            let error = serde_json::to_value(error).unwrap();
            yaml(text)
                .as_object()
                .unwrap()
                .iter()
                .all(|(key, value)| error.get(key) == Some(value))
        }
        (step, Outcome::Completed(output)) if step.contains("should have properties") => {
            quoted.iter().all(|path| member(output, path).is_some())
        }
        (step, Outcome::Completed(output)) if step.ends_with("property with value:") => {
            member(output, quoted[0]) == Some(&yaml(text))
        }
        (step, Outcome::Completed(output)) if step.contains("property containing") => {
            let count = words.iter().find_map(|word| word.parse().ok());
            member(output, quoted[0]).and_then(Value::as_array).map(Vec::len) == count
        }
        _ => in_order(&words, run),
    }
}

/// `<task> should run first | last | after <task> | before <task>`.
fn in_order(words: &[&str], run: &Play) -> bool {
    let order: Vec<&str> = run
        .journal
        .iter()
        .filter_map(|entry| entry.path.rsplit('/').next())
        .collect();
    let position = |task: &str| order.iter().position(|name| *name == task);
    match words {
        [task, "should", "run", "first"] => position(task) == Some(0),
        [task, "should", "run", "last"] => order.last() == Some(task),
        [task, "should", "run", "after", other] => {
            position(task) > position(other) && position(other).is_some()
        }
        [task, "should", "run", "before", other] => {
            position(task) < position(other) && position(task).is_some()
        }
        _ => false,
    }
}

fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// A YAML value, read by way of a task's metadata.
fn yaml(text: &str) -> Value {
    let indented = text.lines().map(|line| format!("          {line}\n"));
    let carrier = format!(
        "do:\n  - carry:\n      metadata:\n        value:\n{}      set: {{n: 1}}\n",
        indented.collect::<String>()
    );
    definition(&carrier).tasks.tasks[0].metadata["value"].clone()
}
