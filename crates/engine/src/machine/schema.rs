//! JSON Schemas of `input`, `output` and `export`, compiled once per definition.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak},
};

use levqor_workflow::schema::Schema;
use serde_json::Value;

/// Schemas kept compiled. Past it all are dropped, so that a flood of definitions costs time and not memory.
const KEPT: usize = 1_000;

/// A schema's identity is its allocation, which the weak reference proves to be the same one still.
type Compiled = HashMap<usize, (Weak<Value>, Arc<Schema>)>;

/// Compiling takes far longer than checking, and a machine lives for one activation only.
static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

/// Why a value was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The schema itself is wrong.
    Schema(String),
    /// The value does not match; where and why, without showing it.
    Value(String),
}

/// Checks `value`; the first mismatch is reported.
pub(super) fn check(schema: &Arc<Value>, value: &Value) -> Result<(), Refused> {
    let schema = compiled(schema).map_err(Refused::Schema)?;
    let Some(first) = schema.misfits(value, 1).into_iter().next() else {
        return Ok(());
    };
    let at = Some(first.pointer.as_str()).filter(|at| !at.is_empty());
    let at = at.unwrap_or("the value");
    Err(Refused::Value(format!("{at}: {}", first.message)))
}

fn compiled(schema: &Arc<Value>) -> Result<Arc<Schema>, String> {
    let identity = Arc::as_ptr(schema).addr();
    if let Some((owner, compiled)) = lock().get(&identity)
        && owner.upgrade().is_some_and(|owner| Arc::ptr_eq(&owner, schema))
    {
        return Ok(Arc::clone(compiled));
    }
    let new = Arc::new(Schema::compile(schema)?);
    let mut compiled = lock();
    if compiled.len() >= KEPT {
        compiled.clear();
    }
    compiled.insert(identity, (Arc::downgrade(schema), Arc::clone(&new)));
    Ok(new)
}

fn lock() -> MutexGuard<'static, Compiled> {
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mismatch_names_the_place_and_hides_the_value() {
        let schema = Arc::new(json!({"properties": {"mail": {"type": "string", "format": "email"}}}));
        assert_eq!(check(&schema, &json!({"mail": "ada@example.com"})), Ok(()));
        let Err(Refused::Value(text)) = check(&schema, &json!({"mail": "s3cret"})) else {
            panic!("not refused");
        };
        assert!(text.starts_with("/mail: ") && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn a_wrong_schema_is_its_own_error() {
        let schema = Arc::new(json!({"type": 3}));
        assert!(matches!(check(&schema, &json!(1)), Err(Refused::Schema(_))));
    }

    #[test]
    fn a_schema_that_took_the_place_of_another_is_compiled_anew() {
        for wanted in ["string", "number", "boolean", "object"] {
            let schema = Arc::new(json!({ "type": wanted }));
            assert_eq!(check(&schema, &json!("x")).is_ok(), wanted == "string");
        }
    }
}
