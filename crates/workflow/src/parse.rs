//! From bytes to a definition.

use crate::{
    canonical, limits,
    lower::Lower,
    model::Definition,
    problem::{Problem, Problems},
    read::read,
    tree::Mark,
};

/// What a document may refer to outside itself.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Names that `call` may use beside `http`; none: any name is taken.
    pub activities: Option<Vec<String>>,
    /// The currency of the installation's books (ISO 4217); none: any is taken.
    pub currency: Option<String>,
}

/// Parses a YAML 1.2 or JSON document, at most [`crate::limits::DOCUMENT_BYTES`] bytes of UTF-8.
///
/// # Errors
/// All problems, up to [`crate::limits::PROBLEMS`], in the order of the text.
pub fn parse(text: &[u8], known: &Known) -> Result<Definition, Vec<Problem>> {
    let mut problems = Problems::default();
    let tree = read(text, &mut problems);
    let definition = tree
        .as_ref()
        .and_then(crate::tree::Tree::root)
        .and_then(|root| Lower::new(known, &mut problems).definition(root));
    let definition = definition.filter(|definition| is_small_as_json(definition, &mut problems));
    match definition {
        Some(definition) if problems.is_empty() => Ok(definition),
        _ => Err(problems.into_sorted()),
    }
}

/// What is stored is the canonical form, which must be readable again.
fn is_small_as_json(definition: &Definition, problems: &mut Problems) -> bool {
    let length = canonical(definition).len();
    let small = length <= limits::DOCUMENT_BYTES;
    if !small {
        let message = format!(
            "{length} bytes as JSON, of which at most {} are allowed",
            limits::DOCUMENT_BYTES
        );
        problems.at_mark(
            "document_too_large",
            String::new(),
            Mark { line: 1, column: 1 },
            message,
        );
    }
    small
}
