//! A document as a tree of values that know where they were written.
//!
//! Nodes lie in one vector and name their parent, so a pointer is only spelled out when a problem needs it
//! and dropping a deep tree does not recurse.

use serde_json::{Map, Number, Value};

/// A place in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// 1-based; 0 when unknown.
    pub(crate) line: usize,
    /// 1-based, in characters; 0 when unknown.
    pub(crate) column: usize,
}

/// A value; children are node numbers.
#[derive(Debug)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<usize>),
    Object(Vec<usize>),
    /// A problem was reported for it while reading: what would follow from it is not reported again.
    Broken,
}

/// How a node hangs on its parent.
#[derive(Debug)]
pub(crate) enum Segment {
    Root,
    Index(usize),
    Key(String, Mark),
}

#[derive(Debug)]
struct Node {
    parent: usize,
    segment: Segment,
    mark: Mark,
    data: Data,
}

/// All nodes; number 0 is the root.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Adds a node below `parent` (its own number for the root) and gives its number.
    pub(crate) fn add(&mut self, parent: usize, segment: Segment, mark: Mark, data: Data) -> usize {
        let id = self.nodes.len();
        self.nodes.push(Node {
            parent,
            segment,
            mark,
            data,
        });
        if id != parent
            && let Data::Array(children) | Data::Object(children) = &mut self.nodes[parent].data
        {
            children.push(id);
        }
        id
    }

    /// Drops a node's content: a problem was reported for it.
    pub(crate) fn break_off(&mut self, id: usize) {
        self.nodes[id].data = Data::Broken;
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn cursor(&self, id: usize) -> Cursor<'_> {
        Cursor { tree: self, id }
    }

    /// The root, if anything was read.
    pub(crate) fn root(&self) -> Option<Cursor<'_>> {
        (!self.nodes.is_empty()).then(|| self.cursor(0))
    }

    /// Children of an array or object so far.
    pub(crate) fn child_count(&self, id: usize) -> usize {
        self.cursor(id).child_ids().len()
    }
}

/// A node in its tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t> {
    tree: &'t Tree,
    id: usize,
}

impl<'t> Cursor<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.id]
    }

    pub(crate) fn data(self) -> &'t Data {
        &self.node().data
    }

    pub(crate) fn mark(self) -> Mark {
        self.node().mark
    }

    /// Whether both are the same place of the same tree.
    pub(crate) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }

    /// Where its key stands; of the value when it has none.
    pub(crate) fn key_mark(self) -> Mark {
        match self.node().segment {
            Segment::Key(_, mark) => mark,
            Segment::Root | Segment::Index(_) => self.mark(),
        }
    }

    /// Its key in the object around it; empty elsewhere.
    pub(crate) fn key(self) -> &'t str {
        match &self.node().segment {
            Segment::Key(name, _) => name,
            Segment::Root | Segment::Index(_) => "",
        }
    }

    /// Elements of an array or values of an object, in order; none for scalars.
    pub(crate) fn children(self) -> impl ExactSizeIterator<Item = Self> + use<'t> {
        self.child_ids()
            .iter()
            .map(move |&id| Cursor { tree: self.tree, id })
    }

    /// The value under `name`, when this is an object that has it.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        match self.data() {
            Data::Object(_) => self.children().find(|child| child.key() == name),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'t str> {
        match self.data() {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// RFC 6901.
    pub(crate) fn pointer(self) -> String {
        let mut segments = Vec::new();
        let mut at = self;
        while !matches!(at.node().segment, Segment::Root) {
            segments.push(&at.node().segment);
            at = Cursor {
                tree: at.tree,
                id: at.node().parent,
            };
        }
        segments.iter().rev().fold(String::new(), |mut pointer, segment| {
            pointer.push('/');
            match segment {
                Segment::Key(name, _) => pointer.push_str(&escape(name)),
                Segment::Index(index) => pointer.push_str(&index.to_string()),
                Segment::Root => {}
            }
            pointer
        })
    }

    /// As JSON; broken parts are null.
    pub(crate) fn value(self) -> Value {
        match self.data() {
            Data::Null | Data::Broken => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(value) => Value::Number(value.clone()),
            Data::String(value) => Value::String(value.clone()),
            Data::Array(_) => Value::Array(self.children().map(Self::value).collect()),
            Data::Object(_) => {
                let members: Map<_, _> = self
                    .children()
                    .map(|child| (child.key().to_owned(), child.value()))
                    .collect();
                Value::Object(members)
            }
        }
    }

    fn child_ids(self) -> &'t [usize] {
        match self.data() {
            Data::Array(children) | Data::Object(children) => children,
            _ => &[],
        }
    }
}

/// A pointer's segment with `~` and `/` escaped (RFC 6901).
pub(crate) fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
