//! From bytes to a tree of values: YAML 1.2 events, of which JSON is a subset, without what would expand,
//! hide or change meaning (anchors, aliases, merge keys, tags, duplicate keys).

mod builder;
mod scalar;
mod surrogates;

use saphyr_parser::{Event, Parser, ScanError};

use crate::{
    limits,
    problem::Problems,
    tree::{Mark, Tree},
};
use builder::Builder;

/// Reads one document. None: nothing usable was read and a problem says why.
pub(crate) fn read(text: &[u8], problems: &mut Problems) -> Option<Tree> {
    let text = characters(text, problems)?;
    let text = surrogates::join(text);
    let mut builder = Builder::new(problems);
    let mut documents = 0;
    for event in Parser::new_from_str(&text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => return not_yaml(problems, &error),
        };
        let mark = Mark {
            line: span.start.line(),
            column: span.start.col() + 1,
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        if documents > 1 {
            let message = "one document per request: split the file at its `---` lines";
            problems.at_mark("several_documents", String::new(), mark, message);
            return None;
        }
        builder.event(event, mark)?;
    }
    let tree = builder.finish();
    if tree.root().is_none() {
        let message = "there is no document; a workflow has at least `document` and `do`";
        problems.at_mark(
            "empty_document",
            String::new(),
            Mark { line: 1, column: 1 },
            message,
        );
        return None;
    }
    Some(tree)
}

/// The text, when it is UTF-8 without NUL and not too large.
fn characters<'t>(text: &'t [u8], problems: &mut Problems) -> Option<&'t str> {
    let refuse = |problems: &mut Problems, code, offset: usize, message: String| {
        let mark = mark_of(text.get(..offset).unwrap_or(text));
        problems.at_mark(code, String::new(), mark, message);
        None
    };
    if text.len() > limits::DOCUMENT_BYTES {
        let message = format!(
            "{} bytes, of which at most {} are allowed",
            text.len(),
            limits::DOCUMENT_BYTES
        );
        return refuse(problems, "document_too_large", 0, message);
    }
    if let Some(offset) = text.iter().position(|&byte| byte == 0) {
        return refuse(
            problems,
            "nul_character",
            offset,
            "NUL characters are not allowed; remove it".to_owned(),
        );
    }
    match std::str::from_utf8(text) {
        Ok(text) => Some(text),
        Err(error) => {
            let message = format!(
                "byte {} is not UTF-8; save the document as UTF-8",
                error.valid_up_to()
            );
            refuse(problems, "invalid_utf8", error.valid_up_to(), message)
        }
    }
}

/// Line and column behind `before`.
fn mark_of(before: &[u8]) -> Mark {
    let line = before.split(|&byte| byte == b'\n').count();
    let last = before.rsplit(|&byte| byte == b'\n').next().unwrap_or(before);
    Mark {
        line,
        column: String::from_utf8_lossy(last).chars().count() + 1,
    }
}

fn not_yaml(problems: &mut Problems, error: &ScanError) -> Option<Tree> {
    let marker = error.marker();
    let mark = Mark {
        line: marker.line(),
        column: marker.col() + 1,
    };
    let message = format!("neither YAML 1.2 nor JSON: {}", error.info());
    problems.at_mark("invalid_yaml", String::new(), mark, message);
    None
}
