//! Events to tree.

use std::collections::HashSet;

use saphyr_parser::{Event, ScalarStyle};

use super::scalar;
use crate::{
    limits,
    names::shown,
    problem::Problems,
    tree::{Data, Mark, Segment, Tree, escape},
};

/// An array or object that is still open.
struct Open {
    id: usize,
    /// The keys seen, for objects.
    keys: Option<HashSet<String>>,
    /// The key whose value comes next.
    key: Option<Key>,
    /// Its own key was refused: it is dropped at its end.
    broken: bool,
}

struct Key {
    name: String,
    mark: Mark,
    /// A problem was reported: what it holds is not looked at.
    broken: bool,
}

pub(super) struct Builder<'p> {
    problems: &'p mut Problems,
    tree: Tree,
    open: Vec<Open>,
}

impl<'p> Builder<'p> {
    pub(super) fn new(problems: &'p mut Problems) -> Self {
        Self {
            problems,
            tree: Tree::default(),
            open: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Tree {
        self.tree
    }

    /// Takes one event; None: reading on makes no sense, and a problem says why.
    pub(super) fn event(&mut self, event: Event<'_>, mark: Mark) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), mark);
                self.scalar(text.into_owned(), style, tag.is_some(), mark)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), mark);
                self.begin(Data::Array(Vec::new()), None, mark)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), mark);
                self.begin(Data::Object(Vec::new()), Some(HashSet::new()), mark)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end();
                Some(())
            }
            Event::Alias(_) => {
                let message =
                    "aliases (`*name`) are not allowed; write the value out, or name it under `use`";
                self.refuse("yaml_alias", mark, message);
                if self.awaits_key() {
                    None
                } else {
                    self.value(Data::Broken, mark).map(drop)
                }
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Some(()),
        }
    }

    fn refuse_marks(&mut self, anchor: usize, tagged: bool, mark: Mark) {
        if anchor != 0 {
            self.refuse(
                "yaml_anchor",
                mark,
                "anchors (`&name`) are not allowed; remove it",
            );
        }
        if tagged {
            self.refuse(
                "yaml_tag",
                mark,
                "tags (`!name`) are not allowed; quote a value to make it a string",
            );
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, tagged: bool, mark: Mark) -> Option<()> {
        if self.awaits_key() {
            self.key(text, style, mark);
            return Some(());
        }
        if let Some((code, message)) = refused_text(&text, limits::STRING_BYTES) {
            self.refuse(code, mark, message);
            return self.value(Data::Broken, mark).map(drop);
        }
        let data = match style {
            _ if tagged => Data::Broken,
            ScalarStyle::Plain => scalar::plain(&text).unwrap_or_else(|refused| {
                self.refuse(refused.code, mark, refused.message);
                Data::Broken
            }),
            _ => Data::String(text),
        };
        self.value(data, mark).map(drop)
    }

    fn key(&mut self, name: String, style: ScalarStyle, mark: Mark) {
        let broken = self.is_refused_key(&name, style, mark);
        if let Some(open) = self.open.last_mut() {
            open.key = Some(Key { name, mark, broken });
        }
    }

    fn is_refused_key(&mut self, name: &str, style: ScalarStyle, mark: Mark) -> bool {
        let plain = style == ScalarStyle::Plain;
        if plain && name == "<<" {
            self.refuse(
                "yaml_merge_key",
                mark,
                "merge keys (`<<`) are not allowed; write the members out",
            );
            return true;
        }
        if plain && !matches!(scalar::plain(name), Ok(Data::String(_))) {
            let message = format!("keys are strings; put {} in quotes", shown(name));
            self.refuse("invalid_key", mark, message);
            return true;
        }
        if let Some((code, message)) = refused_text(name, limits::KEY_BYTES) {
            self.refuse(code, mark, message);
            return true;
        }
        let keys = self.open.last_mut().and_then(|open| open.keys.as_mut());
        if keys.is_some_and(|keys| !keys.insert(name.to_owned())) {
            let pointer = format!("{}/{}", self.here(), escape(name));
            let message = format!("{} is given twice; keep one", shown(name));
            self.problems.at_mark("duplicate_key", pointer, mark, message);
            return true;
        }
        false
    }

    fn begin(&mut self, data: Data, keys: Option<HashSet<String>>, mark: Mark) -> Option<()> {
        if self.awaits_key() {
            self.refuse("invalid_key", mark, "keys are strings, not arrays or objects");
            return None;
        }
        if self.open.len() >= limits::DEPTH {
            let message = format!("nested deeper than {} levels; flatten it", limits::DEPTH);
            self.refuse("too_deep", mark, message);
            return None;
        }
        let broken = self
            .open
            .last()
            .and_then(|open| open.key.as_ref())
            .is_some_and(|key| key.broken);
        let id = self.value(data, mark)?;
        self.open.push(Open {
            id,
            keys,
            key: None,
            broken,
        });
        Some(())
    }

    fn end(&mut self) {
        if let Some(Open { id, broken: true, .. }) = self.open.pop() {
            self.tree.break_off(id);
        }
    }

    /// Puts a value where one is due and gives its number.
    fn value(&mut self, data: Data, mark: Mark) -> Option<usize> {
        if self.tree.len() >= limits::VALUES {
            let message = format!(
                "more than {} values; move data out of the document",
                limits::VALUES
            );
            self.refuse("too_many_values", mark, message);
            return None;
        }
        let Some(open) = self.open.last_mut() else {
            return Some(self.tree.add(0, Segment::Root, mark, data));
        };
        let key = open.key.take();
        let parent = open.id;
        let (segment, broken) = match key {
            Some(key) => (Segment::Key(key.name, key.mark), key.broken),
            None => (Segment::Index(self.tree.child_count(parent)), false),
        };
        let scalar = !matches!(data, Data::Array(_) | Data::Object(_));
        Some(self.tree.add(
            parent,
            segment,
            mark,
            if broken && scalar { Data::Broken } else { data },
        ))
    }

    fn awaits_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.keys.is_some() && open.key.is_none())
    }

    /// The pointer of the innermost open value.
    fn here(&self) -> String {
        self.open
            .last()
            .map_or_else(String::new, |open| self.tree.cursor(open.id).pointer())
    }

    fn refuse(&mut self, code: &'static str, mark: Mark, message: impl Into<String>) {
        if self.problems.is_full() {
            return;
        }
        let pointer = match self.open.last() {
            Some(Open { key: Some(key), .. }) => {
                format!("{}/{}", self.here(), escape(&key.name))
            }
            Some(Open { id, keys: None, .. }) => format!("{}/{}", self.here(), self.tree.child_count(*id)),
            _ => self.here(),
        };
        self.problems.at_mark(code, pointer, mark, message);
    }
}

fn refused_text(text: &str, limit: usize) -> Option<(&'static str, String)> {
    if text.contains('\0') {
        return Some((
            "nul_character",
            "NUL characters are not allowed in strings; remove it".to_owned(),
        ));
    }
    (text.len() > limit).then(|| {
        (
            "string_too_long",
            format!("{} bytes, of which at most {limit} are allowed here", text.len()),
        )
    })
}
