//! JSON Schemas of `input`, `output` and `export`: formats on, nothing fetched.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Largest compiled regular expression of a schema, in bytes.
const REGEX_BYTES: usize = 512 * 1024;

/// Compiles a schema the one way it is compiled everywhere: draft by its `$schema` (2020-12 when absent), formats
/// checked, regular expressions in linear time, references inside the schema only.
///
/// # Errors
/// A sentence that says what is wrong with the schema.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(REGEX_BYTES))
        .offline()
        .build(schema)
        .map_err(|error| error.to_string())
}
