//! A body that is a small JSON object of a known shape: checked strictly first, then read into its type. Refuse unknown
//! members with `#[serde(deny_unknown_fields)]` on the type; rules beyond the types' are the operation's.

use std::marker::PhantomData;

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::{Form, RawBody, check, pointer};
use crate::error::{Code, Problem};

/// A JSON object that is read into a `T`.
pub(crate) struct Typed<T>(PhantomData<fn() -> T>);

impl<T: Type + DeserializeOwned + 'static> Form for Typed<T> {
    const MEDIA: &'static [&'static str] = &["application/json"];
    const LIMIT: usize = 64 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + DeserializeOwned + 'static> RawBody<Typed<T>> {
    /// Reads it whole.
    ///
    /// # Errors
    /// It is larger than 64 KiB, no JSON, or of another shape; `pointer` says where.
    pub(crate) async fn typed(self) -> Result<T, Problem> {
        typed(&self.read().await?)
    }
}

/// The same for a body that an operation bounds itself.
pub(crate) fn typed<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    check(text).map_err(|fault| fault.problem(text))?;
    let mut reader = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| misfit(&error))
}

fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let at: String = error.path().iter().map(segment).collect();
    // serde says what is wrong in words only; the member's name stands between back-quotes.
    let said = error.inner().to_string();
    let named = |start: &str| Some(said.strip_prefix(start)?.split('`').next()?.to_owned());
    if let Some(name) = named("missing field `") {
        let detail = format!("The member `{name}` is missing.");
        return Problem::new(Code::MissingMember, detail).at(at + &pointer(&name));
    }
    if said.starts_with("unknown field `") {
        return Problem::new(Code::UnknownMember, "This member is not known here.").at(at);
    }
    let what = said.split(" at line ").next().unwrap_or(&said);
    Problem::new(Code::InvalidMember, format!("The value does not fit: {what}.")).at(at)
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => pointer(key),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Order {
        name: String,
        items: Option<Vec<Item>>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Item {
        count: u8,
    }

    fn refused(text: &str) -> (Code, Option<String>) {
        let problem = typed::<Order>(text.as_bytes()).unwrap_err();
        (problem.code(), problem.body("", "").pointer)
    }

    #[test]
    fn a_body_is_read_or_its_fault_named_with_its_place() {
        let good = typed::<Order>(br#"{"name": "a", "items": [{"count": 1}]}"#).unwrap();
        assert_eq!(good.items.unwrap(), [Item { count: 1 }]);
        let cases = [
            (r#"{"items": []}"#, Code::MissingMember, "/name"),
            (r#"{"name": "a", "x/y": 1}"#, Code::UnknownMember, "/x~1y"),
            (r#"{"name": 7}"#, Code::InvalidMember, "/name"),
            (
                r#"{"name": "a", "items": [{"count": 1}, {"count": 300}]}"#,
                Code::InvalidMember,
                "/items/1/count",
            ),
            (
                r#"{"name": "a", "items": [{}]}"#,
                Code::MissingMember,
                "/items/0/count",
            ),
            (r#"{"name": "a", "name": "b"}"#, Code::DuplicateKey, "/name"),
        ];
        for (text, code, place) in cases {
            assert_eq!(refused(text), (code, Some(place.to_owned())), "{text}");
        }
        assert_eq!(refused("{").0, Code::InvalidJson);
        assert_eq!(refused("[]").0, Code::InvalidMember);
    }
}
