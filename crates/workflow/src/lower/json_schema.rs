//! `schema` of `input`, `output` and `export`.

use std::sync::Arc;

use serde_json::Value;

use super::{Extent, Lower, fields::Fields, schema_walk::Walk};
use crate::{
    limits,
    problem::Problems,
    read::read,
    schema::Schema,
    tree::{Cursor, Tree},
};

const SCHEMA: Fields = Fields {
    known: &["format", "document"],
    required: &[],
    unsupported: &["resource"],
};

impl Lower<'_> {
    /// The JSON Schema of a `schema` object, compiled once to be sure of it.
    pub(super) fn json_schema(&mut self, at: Cursor<'_>) -> Option<Arc<Value>> {
        self.fields(at, &SCHEMA)?;
        if let Some(format) = at.get("format")
            && self
                .string(format)
                .is_some_and(|text| text != "json" && !text.starts_with("json:"))
        {
            self.unsupported_value(format, "a schema format other than json");
            return None;
        }
        let Some(document) = at.get("document") else {
            if at.get("resource").is_none() {
                self.problems.at(
                    "missing_property",
                    at,
                    "`document` is missing; add the JSON Schema",
                );
            }
            return None;
        };
        self.bounded_schema(document)?;
        let value = document.value();
        match Schema::compile(&value) {
            Ok(_) => Some(Arc::new(value)),
            Err(reason) => {
                self.problems.at(
                    "invalid_schema",
                    document,
                    format!("no valid JSON Schema: {reason}"),
                );
                None
            }
        }
    }

    /// Refuses what would fetch, or what could take a validator for ever.
    fn bounded_schema(&mut self, document: Cursor<'_>) -> Option<()> {
        let mut walk = Walk::new(document);
        if let Err(refused) = walk.schema(document) {
            self.problems.at(refused.code, refused.at, refused.message);
            return None;
        }
        self.patterns += walk.extent().patterns;
        if self.patterns > limits::SCHEMA_PATTERNS {
            let message = format!(
                "more than {} regular expressions in the schemas, references written out",
                limits::SCHEMA_PATTERNS
            );
            self.problems.at("invalid_schema", document, message);
            return None;
        }
        Some(())
    }
}

/// The extent of a schema that stands in a stored document.
pub(crate) fn extent(schema: &Value) -> Extent {
    let text = schema.to_string();
    let tree = read(text.as_bytes(), &mut Problems::default());
    let root = tree.as_ref().and_then(Tree::root);
    let walked = root.and_then(|root| {
        let mut walk = Walk::new(root);
        walk.schema(root).ok()?;
        Some(walk.extent())
    });
    walked.unwrap_or(Extent::LARGEST)
}
