//! A workflow document as it is sent, and its problems as they are answered.

use bytes::Bytes;
use levqor_workflow::{Known, model::Definition};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};

use crate::{
    body::Form,
    error::{Code, ErrorItem, Problem},
    state::Shared,
};

/// A document in YAML 1.2 or JSON.
pub(super) struct DocumentForm;

impl Form for DocumentForm {
    const MEDIA: &'static [&'static str] = &[
        "application/yaml",
        "application/json",
        "application/x-yaml",
        "text/yaml",
        "text/x-yaml",
    ];

    fn schema(_media: &str) -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("A workflow document (Open Workflow Specification DSL 1.0), at most 512 KiB."),
            ..MetaSchema::new("object")
        }))
    }

    fn register(_registry: &mut Registry) {}
}

/// Parses a document; all its problems at once.
pub(super) fn parse(shared: &Shared, text: &Bytes) -> Result<Definition, Problem> {
    let activities = shared
        .api
        .options
        .activities
        .iter()
        .map(|activity| activity.name.clone())
        .collect();
    let known = Known {
        activities: Some(activities),
        currency: Some(shared.api.options.accounting.currency.clone()),
    };
    levqor_workflow::parse(text, &known).map_err(|problems| refusal(&problems))
}

fn refusal(problems: &[levqor_workflow::Problem]) -> Problem {
    let errors: Vec<ErrorItem> = problems.iter().map(item).collect();
    let count = errors.len();
    let detail = match (problems.first(), count) {
        (Some(only), 1) => only.message.clone(),
        (Some(first), _) => format!("{count} problems; the first: {}", first.message),
        (None, _) => "The document cannot be read.".into(),
    };
    let problem = Problem::new(Code::InvalidDocument, detail).errors(errors);
    match problems.first() {
        Some(first) => problem
            .at(first.pointer.clone())
            .position(first.line as u64, first.column as u64),
        None => problem,
    }
}

fn item(problem: &levqor_workflow::Problem) -> ErrorItem {
    let known = |number: usize| (number > 0).then_some(number as u64);
    ErrorItem {
        code: problem.code.into(),
        pointer: problem.pointer.clone(),
        line: known(problem.line),
        column: known(problem.column),
        detail: problem.message.clone(),
    }
}
