//! Documents for tests, and what malformed ones are refused with.

use levqor_workflow::{Known, Problem, model::Definition, parse};

/// Stands in a document before the place where a problem is expected, once for each.
const MARK: char = '▸';

/// A document with these lines under `do:`, from line 3.
pub(crate) fn tasks(tasks: &str) -> String {
    format!("document: {{dsl: '1.0.3', namespace: test, name: test, version: '1.0.0'}}\ndo:\n{tasks}\n")
}

/// A document with a task and these lines at the top level, from line 4.
pub(crate) fn top(top: &str) -> String {
    tasks("  - a: {set: {b: 1}}") + top + "\n"
}

/// That many pieces of text, one behind the other.
pub(crate) fn lines(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

/// Knows the activities `send_mail` and `charge`.
pub(crate) fn known() -> Known {
    Known {
        activities: Some(vec!["send_mail".to_owned(), "charge".to_owned()]),
        currency: Some("GBP".to_owned()),
    }
}

pub(crate) fn parsed(text: &str) -> Result<Definition, Vec<Problem>> {
    parse(text.as_bytes(), &known())
}

/// The document is refused with exactly the problems of `expected` (`code pointer; code pointer`), one at each mark.
#[track_caller]
pub(crate) fn refused(marked: &str, expected: &str) {
    let problems = parsed(&marked.replace(MARK, "")).expect_err(marked);
    let found: Vec<_> = problems
        .iter()
        .map(|p| (format!("{} {}", p.code, p.pointer), (p.line, p.column)))
        .collect();
    let places = places(marked);
    let expected: Vec<_> = expected
        .split("; ")
        .map(str::to_owned)
        .zip(places.iter().copied())
        .collect();
    assert_eq!(
        expected.len(),
        places.len(),
        "one mark for each problem: {marked}"
    );
    assert_eq!(found, expected, "{marked}\n{problems:#?}");
    assert!(
        problems.iter().all(|problem| problem.message.len() > 10),
        "{problems:#?}"
    );
}

/// Line and column of each mark.
fn places(marked: &str) -> Vec<(usize, usize)> {
    let (mut places, mut line, mut column) = (Vec::new(), 1, 1);
    for character in marked.chars() {
        match character {
            MARK => places.push((line, column)),
            '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
    }
    places
}
