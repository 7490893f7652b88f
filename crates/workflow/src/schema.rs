//! JSON Schemas of `input`, `output` and `export`: formats on, nothing fetched, answers of bounded size.

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::lower::{Extent, extent};

/// Largest compiled regular expression of a schema, in bytes. One of this size, written to be slow, takes 1.5 seconds
/// for 200 KiB of text.
const REGEX_BYTES: usize = 128 * 1024;

/// Most bytes of errors that a validator may make of a value. It makes all of them at once, however few are wanted.
const ERROR_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of an error beside its path, about.
const ERROR: usize = 350;

/// Most bytes of pointers and messages in an answer; its first misfit may have more.
const SAID: usize = 64 * 1024;

/// Checking a byte against a regular expression costs as much as this many checks of a value, at worst.
const PATTERN_STEPS: usize = 400;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    extent: Extent,
}

/// Something of a value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The schema's keyword that says so; `schema` when it is not known which.
    pub keyword: String,
    /// JSON pointer into the value.
    pub pointer: String,
    /// A sentence that does not show the value.
    pub message: String,
}

impl Schema {
    /// Compiles a schema the one way it is compiled everywhere: draft by its `$schema` (2020-12 when absent), formats
    /// checked, regular expressions in linear time, references inside the schema only.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(REGEX_BYTES))
            .offline()
            .build(schema)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            extent: extent(schema),
        })
    }

    /// What of `value` does not fit, at most `most`; nothing when it fits. Of a large value that may break the schema in
    /// very many places, the first is reported alone, without its place when the schema has alternatives.
    pub fn misfits(&self, value: &Value, most: usize) -> Vec<Misfit> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        if self.extent.values.saturating_mul(error_bytes(value, 0)) <= ERROR_BYTES {
            return said(self.validator.iter_errors(value).take(most));
        }
        // The error of an alternative holds those of all its branches.
        match self.validator.validate(value) {
            Err(first) if !self.extent.alternatives => said([first].into_iter()),
            _ => vec![Misfit {
                keyword: "schema".to_owned(),
                pointer: String::new(),
                message: "the value does not fit the schema, and both are too large to say where".to_owned(),
            }],
        }
    }

    /// How long a check of a value of so many bytes may take at worst, in steps of up to 20 ns.
    pub fn steps(&self, bytes: usize) -> usize {
        let each = self.extent.values + PATTERN_STEPS * self.extent.patterns;
        each.saturating_mul(bytes)
    }
}

/// Bytes of one error at each value in `value`, whose path has `path` bytes.
fn error_bytes(value: &Value, path: usize) -> usize {
    let within: usize = match value {
        Value::Array(items) => items.iter().map(|item| error_bytes(item, path + 6)).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| error_bytes(member, path + 1 + name.len()))
            .sum(),
        _ => 0,
    };
    ERROR + path + within
}

fn said<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Misfit> {
    let mut room = SAID;
    let mut found = Vec::new();
    for error in errors {
        let misfit = Misfit {
            keyword: error.kind().keyword().to_owned(),
            pointer: error.instance_path().to_string(),
            message: error.masked().to_string(),
        };
        let length = misfit.pointer.len() + misfit.message.len();
        if length > room && !found.is_empty() {
            break;
        }
        room = room.saturating_sub(length);
        found.push(misfit);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn misfits(schema: &Value, value: &Value, most: usize) -> Vec<Misfit> {
        Schema::compile(schema).unwrap().misfits(value, most)
    }

    #[test]
    fn places_are_listed_as_far_as_they_are_wanted() {
        let schema = json!({"items": {"type": "string"}});
        assert_eq!(misfits(&schema, &json!(["a", "b"]), 5), []);
        let found = misfits(&schema, &json!([1, "s3cret", 2, 3]), 2);
        let pointers: Vec<&str> = found.iter().map(|misfit| misfit.pointer.as_str()).collect();
        assert_eq!(pointers, ["/0", "/2"]);
        assert!(found.iter().all(|misfit| misfit.keyword == "type"));
    }

    /// Without the bound, a payload of 200 KiB against a schema of 5,000 values makes errors of 80 GB.
    #[test]
    fn errors_without_number_are_not_made() {
        let all = vec![json!({"type": "string"}); 300];
        let value = json!(vec![1; 1_000]);
        let first = misfits(&json!({"items": {"allOf": all}}), &value, 50);
        assert_eq!((first.len(), first[0].pointer.as_str()), (1, "/0"));
        let branches = json!({"anyOf": [{"items": {"allOf": all}}, {"type": "string"}]});
        let unplaced = misfits(&branches, &value, 50);
        assert_eq!((unplaced.len(), unplaced[0].pointer.as_str()), (1, ""));
        let key = "k".repeat(100_000);
        let long = json!({ key: vec![1; 1_000] });
        let items = json!({"additionalProperties": {"items": {"type": "string"}}});
        assert_eq!(misfits(&items, &long, 50).len(), 1);
    }

    #[test]
    fn an_answer_does_not_repeat_a_long_place_again_and_again() {
        let key = "k".repeat(40_000);
        let schema = json!({"additionalProperties": {"items": {"type": "string"}}});
        assert_eq!(misfits(&schema, &json!({ key: vec![1; 50] }), 50).len(), 1);
    }

    #[test]
    fn steps_count_references_written_out() {
        let steps = |schema: Value| Schema::compile(&schema).unwrap().steps(10);
        let once = steps(json!({"$defs": {"a": {"pattern": "^a$"}}, "items": {"$ref": "#/$defs/a"}}));
        let twice = steps(
            json!({"$defs": {"a": {"pattern": "^a$"}}, "items": {"$ref": "#/$defs/a"},
                                 "contains": {"$ref": "#/$defs/a"}}),
        );
        assert!(twice >= once + 10 * PATTERN_STEPS, "{once} {twice}");
    }
}
