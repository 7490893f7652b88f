//! `schema` of `input`, `output` and `export`.

use std::sync::Arc;

use serde_json::Value;

use super::{Lower, fields::Fields};
use crate::{
    limits, schema,
    tree::{Cursor, Data},
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
        let (local, bounded) = (
            self.references_are_local(document),
            self.patterns_are_bounded(document),
        );
        if !(local && bounded) {
            return None;
        }
        let value = document.value();
        match schema::compile(&value) {
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

    /// Nothing is fetched: a reference stays inside its document.
    fn references_are_local(&mut self, at: Cursor<'_>) -> bool {
        if matches!(at.key(), "const" | "enum" | "default" | "examples") {
            return true;
        }
        if matches!(at.key(), "$ref" | "$dynamicRef" | "$recursiveRef")
            && let Data::String(target) = at.data()
            && !target.starts_with('#')
        {
            let message =
                "references must stay inside the schema (`#/…`); copy what it refers to under `$defs`";
            self.problems.at("invalid_schema", at, message);
            return false;
        }
        at.children()
            .fold(true, |local, child| self.references_are_local(child) && local)
    }

    /// Each regular expression may take memory, so their number is bounded too.
    fn patterns_are_bounded(&mut self, document: Cursor<'_>) -> bool {
        self.patterns += count_patterns(document);
        let bounded = self.patterns <= limits::SCHEMA_PATTERNS;
        if !bounded {
            let message = format!(
                "more than {} regular expressions in one document",
                limits::SCHEMA_PATTERNS
            );
            self.problems.at("invalid_schema", document, message);
        }
        bounded
    }
}

fn count_patterns(at: Cursor<'_>) -> usize {
    let here = match at.key() {
        "pattern" => 1,
        "patternProperties" => at.children().len(),
        _ => 0,
    };
    here + at.children().map(count_patterns).sum::<usize>()
}
