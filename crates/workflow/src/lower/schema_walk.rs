//! Bounds on a JSON Schema, checked before it is compiled.
//!
//! A validator's work is at most (values of the schema, each reference counted with what it refers to) times
//! (values of the payload). Without a bound on the first factor thirty lines of doubled references take for ever,
//! and a recursive reference below two alternatives doubles the work with each level of the payload, so recursion
//! is refused.

use percent_encoding::percent_decode_str;

use crate::{
    limits,
    tree::{Cursor, Data},
};

/// Deepest nesting, references followed.
const DEPTH: usize = 4 * limits::DEPTH;
/// Keywords whose error holds those of all their branches.
const ALTERNATIVES: [&str; 2] = ["anyOf", "oneOf"];
/// Keywords whose value is data.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];
/// Keywords whose value is an object of schemas under free names.
const MAPS: [&str; 6] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "dependencies",
];

/// Why, and at which part of the schema.
pub(super) struct Refused<'t> {
    pub(super) code: &'static str,
    pub(super) at: Cursor<'t>,
    pub(super) message: String,
}

/// How much a schema asks of a validator, each reference counted with what it refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) values: usize,
    /// Regular expressions.
    pub(crate) patterns: usize,
    /// Whether it has `anyOf` or `oneOf`.
    pub(crate) alternatives: bool,
}

impl Extent {
    /// That of a schema that was never bounded.
    pub(super) const LARGEST: Self = Self {
        values: limits::SCHEMA_VALUES,
        patterns: limits::SCHEMA_PATTERNS,
        alternatives: true,
    };
}

/// One walk over a schema and through its references.
pub(super) struct Walk<'t> {
    document: Cursor<'t>,
    /// Targets of the references being followed.
    following: Vec<Cursor<'t>>,
    depth: usize,
    extent: Extent,
}

impl<'t> Walk<'t> {
    pub(super) fn new(document: Cursor<'t>) -> Self {
        Self {
            document,
            following: Vec::new(),
            depth: 0,
            extent: Extent {
                values: 0,
                patterns: 0,
                alternatives: false,
            },
        }
    }

    /// What was met so far.
    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    /// A schema, or an array of them.
    pub(super) fn schema(&mut self, at: Cursor<'t>) -> Result<(), Refused<'t>> {
        self.enter(at)?;
        for child in at.children() {
            let keyword = child.key();
            if DATA.contains(&keyword) {
                continue;
            }
            if MAPS.contains(&keyword) {
                self.map(child)?;
            } else if let (Data::String(text), true) = (child.data(), keyword.starts_with('$')) {
                self.reference(child, text)?;
            } else {
                self.schema(child)?;
            }
            self.extent.alternatives |= ALTERNATIVES.contains(&keyword);
            self.extent.patterns += match keyword {
                "pattern" => 1,
                "patternProperties" => child.children().len(),
                _ => 0,
            };
        }
        self.depth -= 1;
        Ok(())
    }

    fn map(&mut self, at: Cursor<'t>) -> Result<(), Refused<'t>> {
        self.enter(at)?;
        for child in at.children() {
            self.schema(child)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// A keyword that begins with `$` and holds a string.
    fn reference(&mut self, at: Cursor<'t>, text: &str) -> Result<(), Refused<'t>> {
        match at.key() {
            "$ref" if !text.starts_with('#') => {
                let message =
                    "references must stay inside the schema (`#/…`); copy what it refers to under `$defs`";
                Err(refuse("invalid_schema", at, message))
            }
            "$ref" => self.follow(at, text),
            "$dynamicRef" | "$recursiveRef" => Err(refuse(
                "unsupported_construct",
                at,
                "dynamic references are not supported; use `$ref`",
            )),
            "$id" if self.depth > 1 => {
                let message = "`$id` is supported at the top of a schema only; remove it";
                Err(refuse("unsupported_construct", at, message))
            }
            _ => Ok(()),
        }
    }

    fn follow(&mut self, at: Cursor<'t>, text: &str) -> Result<(), Refused<'t>> {
        let Some(target) = self.resolve(text) else {
            let message = "it refers to nothing; write it as `#/$defs/name` and define that name";
            return Err(refuse("invalid_schema", at, message));
        };
        let recursive = self.following.iter().any(|other| other.is(target)) || target.is(self.document);
        if recursive {
            let message = "recursive references are not supported; write out as many levels as are needed";
            return Err(refuse("unsupported_construct", at, message));
        }
        self.following.push(target);
        self.schema(target)?;
        self.following.pop();
        Ok(())
    }

    /// Where `#/a/b` leads (RFC 6901, section 6).
    fn resolve(&self, reference: &str) -> Option<Cursor<'t>> {
        let pointer = percent_decode_str(reference.strip_prefix('#')?)
            .decode_utf8()
            .ok()?;
        if pointer.is_empty() {
            return Some(self.document);
        }
        pointer
            .strip_prefix('/')?
            .split('/')
            .try_fold(self.document, |at, segment| {
                let segment = segment.replace("~1", "/").replace("~0", "~");
                match at.data() {
                    Data::Array(_) => at.children().nth(segment.parse().ok()?),
                    _ => at.get(&segment),
                }
            })
    }

    fn enter(&mut self, at: Cursor<'t>) -> Result<(), Refused<'t>> {
        self.depth += 1;
        self.extent.values += 1;
        if self.depth > DEPTH || self.extent.values > limits::SCHEMA_VALUES {
            let message = format!(
                "the schema has more than {} values or {DEPTH} levels, references written out; make it smaller",
                limits::SCHEMA_VALUES
            );
            return Err(refuse("invalid_schema", at, &message));
        }
        Ok(())
    }
}

fn refuse<'t>(code: &'static str, at: Cursor<'t>, message: &str) -> Refused<'t> {
    Refused {
        code,
        at,
        message: message.to_owned(),
    }
}
