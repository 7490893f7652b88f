//! From jaq's syntax tree to the fast path's, where that is possible.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Term},
    },
    path::{Opt, Part},
};
use serde_json::{Number, Value};

use super::Node;

/// Deeper trees are for the helper: they are evaluated by recursion on the caller's stack.
const MAX_DEPTH: usize = 48;

/// The node for `term`, or none when it is not of the simple kind.
pub(crate) fn lower(term: &Term<&str>, variables: &[Box<str>]) -> Option<Node> {
    Lowering { variables }.node(term, 0)
}

struct Lowering<'a> {
    variables: &'a [Box<str>],
}

impl Lowering<'_> {
    fn node(&self, term: &Term<&str>, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let depth = depth + 1;
        match term {
            Term::Id => Some(Node::Input),
            Term::Var(name) => self.variable(name),
            Term::Num(text) => number(text).map(Node::Literal),
            Term::Neg(term) => negative(term),
            Term::Str(None, parts) => self.text(parts, depth),
            Term::Arr(None) => Some(Node::Array(Vec::new())),
            Term::Arr(Some(items)) => self.items(items, depth).map(Node::Array),
            Term::Obj(members) => self.members(members, depth),
            Term::Path(head, path) => self.path(head, &path.0, depth),
            Term::BinOp(left, op, right) => self.operation(left, op, right, depth),
            Term::IfThenElse(cases, otherwise) => self.conditional(cases, otherwise.as_deref(), depth),
            Term::Call(name, arguments) => self.call(name, arguments, depth),
            _ => None,
        }
    }

    fn boxed(&self, term: &Term<&str>, depth: usize) -> Option<Box<Node>> {
        self.node(term, depth).map(Box::new)
    }

    fn variable(&self, name: &str) -> Option<Node> {
        let name = name.strip_prefix('$')?;
        self.variables
            .iter()
            .position(|known| **known == *name)
            .map(Node::Variable)
    }

    fn text(&self, parts: &[StrPart<&str, Term<&str>>], depth: usize) -> Option<Node> {
        let part = |part: &StrPart<&str, Term<&str>>| match part {
            StrPart::Str(text) => Some(Node::Literal((*text).into())),
            StrPart::Char(char) => Some(Node::Literal(char.to_string().into())),
            StrPart::Term(term) => self.node(term, depth),
        };
        if parts.iter().any(|part| matches!(part, StrPart::Term(_))) {
            return parts.iter().map(part).collect::<Option<_>>().map(Node::Text);
        }
        let text = parts.iter().fold(String::new(), |mut text, part| {
            match part {
                StrPart::Str(part) => text.push_str(part),
                StrPart::Char(char) => text.push(*char),
                StrPart::Term(_) => {}
            }
            text
        });
        Some(Node::Literal(text.into()))
    }

    /// The terms between the commas of an array.
    fn items(&self, term: &Term<&str>, depth: usize) -> Option<Vec<Node>> {
        if depth > MAX_DEPTH {
            return None;
        }
        match term {
            Term::BinOp(left, BinaryOp::Comma, right) => {
                let mut items = self.items(left, depth + 1)?;
                items.extend(self.items(right, depth + 1)?);
                Some(items)
            }
            term => self.node(term, depth).map(|item| vec![item]),
        }
    }

    fn members(&self, members: &[(Term<&str>, Option<Term<&str>>)], depth: usize) -> Option<Node> {
        let member = |(key, value): &(Term<&str>, Option<Term<&str>>)| {
            Some(match (key, value) {
                (Term::Var(name), None) => (
                    Node::Literal(name.strip_prefix('$')?.into()),
                    self.variable(name)?,
                ),
                (key, None) => {
                    let keys = vec![(self.node(key, depth)?, false)];
                    (self.node(key, depth)?, Node::Path(Box::new(Node::Input), keys))
                }
                (key, Some(value)) => (self.node(key, depth)?, self.node(value, depth)?),
            })
        };
        members
            .iter()
            .map(member)
            .collect::<Option<_>>()
            .map(Node::Object)
    }

    fn path(&self, head: &Term<&str>, parts: &[(Part<Term<&str>>, Opt)], depth: usize) -> Option<Node> {
        let part = |(part, optional): &(Part<Term<&str>>, Opt)| match part {
            Part::Index(key) => Some((self.node(key, depth)?, matches!(optional, Opt::Optional))),
            Part::Range(..) => None,
        };
        let head = self.boxed(head, depth).filter(|head| !computes(head))?;
        Some(Node::Path(head, parts.iter().map(part).collect::<Option<_>>()?))
    }

    fn operation(
        &self,
        left: &Term<&str>,
        op: &BinaryOp<&str>,
        right: &Term<&str>,
        depth: usize,
    ) -> Option<Node> {
        let left = self.boxed(left, depth)?;
        let right = self.boxed(right, depth)?;
        match op {
            BinaryOp::Alt => Some(Node::Alternative(left, right)),
            BinaryOp::Or => Some(Node::Or(left, right)),
            BinaryOp::And => Some(Node::And(left, right)),
            BinaryOp::Math(op) => Some(Node::Math(left, *op, right)),
            BinaryOp::Cmp(op) => Some(Node::Compare(left, *op, right)),
            BinaryOp::Pipe(None) if !computes(&left) => Some(Node::Pipe(left, right)),
            _ => None,
        }
    }

    fn conditional(
        &self,
        cases: &[(Term<&str>, Term<&str>)],
        otherwise: Option<&Term<&str>>,
        depth: usize,
    ) -> Option<Node> {
        let case = |(when, then): &(Term<&str>, Term<&str>)| {
            Some((self.node(when, depth)?, self.node(then, depth)?))
        };
        let cases = cases.iter().map(case).collect::<Option<_>>()?;
        let otherwise = otherwise.map_or(Some(Node::Input), |term| self.node(term, depth))?;
        Some(Node::If(cases, Box::new(otherwise)))
    }

    fn call(&self, name: &str, arguments: &[Term<&str>], depth: usize) -> Option<Node> {
        match (name, arguments) {
            ("true", []) => Some(Node::Literal(true.into())),
            ("false", []) => Some(Node::Literal(false.into())),
            ("null", []) => Some(Node::Literal(Value::Null)),
            ("not", []) => Some(Node::Not),
            ("length", []) => Some(Node::Length),
            ("type", []) => Some(Node::Type),
            ("startswith", [prefix]) => self.boxed(prefix, depth).map(Node::StartsWith),
            ("endswith", [suffix]) => self.boxed(suffix, depth).map(Node::EndsWith),
            _ => None,
        }
    }
}

/// A number that looks the same as a literal, as JSON and in a text, so that nothing depends on how it was written.
fn number(text: &str) -> Option<Value> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    let number = Number::from_f64(text.parse().ok()?)?;
    (number.to_string() == text).then_some(Value::Number(number))
}

fn negative(term: &Term<&str>) -> Option<Node> {
    let Term::Num(text) = term else { return None };
    match number(text)? {
        Value::Number(number) => match number.as_i64() {
            Some(integer) => integer.checked_neg().map(|integer| Node::Literal(integer.into())),
            None => Number::from_f64(-number.as_f64()?).map(|number| Node::Literal(Value::Number(number))),
        },
        _ => None,
    }
}

/// Whether a computed number can be inside its result. A result shows 4 / 2 as 2, but what follows a pipe or a path
/// must see the 2.0 that jaq sees.
fn computes(node: &Node) -> bool {
    match node {
        Node::Math(..) => true,
        Node::Path(head, _) => computes(head),
        Node::Array(items) => items.iter().any(computes),
        Node::Object(members) => members.iter().any(|(_, value)| computes(value)),
        Node::Alternative(left, right) | Node::Pipe(left, right) => computes(left) || computes(right),
        Node::If(cases, otherwise) => computes(otherwise) || cases.iter().any(|(_, then)| computes(then)),
        Node::Input
        | Node::Variable(_)
        | Node::Literal(_)
        | Node::Text(_)
        | Node::Compare(..)
        | Node::And(..)
        | Node::Or(..)
        | Node::Not
        | Node::Length
        | Node::Type
        | Node::StartsWith(_)
        | Node::EndsWith(_) => false,
    }
}
