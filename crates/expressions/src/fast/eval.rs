//! The fast path's evaluation.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    Node,
    budget::{Budget, Punt, fits},
    math, order,
};
use crate::render;

/// A value on the way: borrowed where possible. A computed float is kept apart, because a result shows it as an
/// integer where it has no fraction.
pub(super) enum Cell<'v> {
    Ref(&'v Value),
    Own(Value),
    Float(f64),
}

impl Cell<'_> {
    /// None for a computed float.
    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Ref(value) => Some(value),
            Self::Own(value) => Some(value),
            Self::Float(_) => None,
        }
    }

    pub(super) fn float(&self) -> Option<f64> {
        match self {
            Self::Float(float) => Some(*float),
            Self::Ref(_) | Self::Own(_) => None,
        }
    }

    /// As a result shows it.
    pub(super) fn own(self, budget: &mut Budget) -> Result<Value, Punt> {
        match self {
            Self::Ref(value) => budget.copy(value),
            Self::Own(value) => Ok(value),
            Self::Float(float) => render::computed(float).map(Value::Number).ok_or(Punt),
        }
    }

    fn truthy(&self) -> bool {
        !matches!(self.value(), Some(Value::Null | Value::Bool(false)))
    }

    fn bool(value: bool) -> Self {
        Self::Own(Value::Bool(value))
    }
}

/// At most one output, or the helper has to do it.
type Output<'v> = Result<Option<Cell<'v>>, Punt>;

/// The whole expression's result.
pub(super) fn run(
    node: &Node,
    input: &Value,
    variables: &[&Value],
    output_bytes: usize,
) -> Result<Value, Punt> {
    let mut eval = Eval {
        variables,
        budget: Budget::new(),
    };
    let value = match eval.node(node, input)? {
        None => Value::Null,
        Some(cell) => cell.own(&mut eval.budget)?,
    };
    if fits(&value, output_bytes) {
        Ok(value)
    } else {
        Err(Punt)
    }
}

struct Eval<'e> {
    variables: &'e [&'e Value],
    budget: Budget,
}

impl<'e> Eval<'e> {
    fn node<'v>(&mut self, node: &'v Node, dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        self.budget.spend(1)?;
        match node {
            Node::Input => Ok(Some(Cell::Ref(dot))),
            Node::Variable(index) => self
                .variables
                .get(*index)
                .map(|value| Some(Cell::Ref(value)))
                .ok_or(Punt),
            Node::Literal(value) => Ok(Some(Cell::Ref(value))),
            Node::Text(parts) => self.text(parts, dot),
            Node::Path(head, keys) => self.path(head, keys, dot),
            Node::Array(items) => self.array(items, dot),
            Node::Object(members) => self.object(members, dot),
            Node::Compare(left, op, right) => self.both(left, right, dot, |left, right, budget| {
                order::run(&left, *op, &right, budget).map(Cell::bool)
            }),
            Node::Math(left, op, right) => self.both(left, right, dot, |left, right, budget| {
                math::run(left, *op, right, budget)
            }),
            Node::And(left, right) => self.logic(left, false, right, dot),
            Node::Or(left, right) => self.logic(left, true, right, dot),
            Node::Alternative(left, right) => match self.node(left, dot)? {
                Some(cell) if cell.truthy() => Ok(Some(cell)),
                _ => self.node(right, dot),
            },
            Node::Pipe(left, right) => self.pipe(left, right, dot),
            Node::If(cases, otherwise) => self.conditional(cases, otherwise, dot),
            Node::Not => Ok(Some(Cell::bool(!Cell::Ref(dot).truthy()))),
            Node::Length => self.length(dot),
            Node::Type => Ok(Some(Cell::Own(kind(dot).into()))),
            Node::StartsWith(start) => self.affix(start, dot, |text, start| text.starts_with(start)),
            Node::EndsWith(end) => self.affix(end, dot, |text, end| text.ends_with(end)),
        }
    }

    fn both<'v>(
        &mut self,
        left: &'v Node,
        right: &'v Node,
        dot: &'v Value,
        run: impl FnOnce(Cell<'v>, Cell<'v>, &mut Budget) -> Result<Cell<'v>, Punt>,
    ) -> Output<'v>
    where
        'e: 'v,
    {
        let Some(left) = self.node(left, dot)? else {
            return Ok(None);
        };
        let Some(right) = self.node(right, dot)? else {
            return Ok(None);
        };
        run(left, right, &mut self.budget).map(Some)
    }

    fn logic<'v>(&mut self, left: &'v Node, decides: bool, right: &'v Node, dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        let Some(left) = self.node(left, dot)? else {
            return Ok(None);
        };
        if left.truthy() == decides {
            return Ok(Some(Cell::bool(decides)));
        }
        Ok(self.node(right, dot)?.map(|right| Cell::bool(right.truthy())))
    }

    fn pipe<'v>(&mut self, left: &'v Node, right: &'v Node, dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        match self.node(left, dot)? {
            None => Ok(None),
            Some(Cell::Ref(value)) => self.node(right, value),
            // What the right side borrows of it ends here.
            Some(Cell::Own(value)) => match self.node(right, &value)? {
                None => Ok(None),
                Some(Cell::Float(float)) => Ok(Some(Cell::Float(float))),
                Some(cell) => cell.own(&mut self.budget).map(|value| Some(Cell::Own(value))),
            },
            Some(Cell::Float(_)) => Err(Punt),
        }
    }

    fn conditional<'v>(
        &mut self,
        cases: &'v [(Node, Node)],
        otherwise: &'v Node,
        dot: &'v Value,
    ) -> Output<'v>
    where
        'e: 'v,
    {
        for (when, then) in cases {
            match self.node(when, dot)? {
                None => return Ok(None),
                Some(cell) if cell.truthy() => return self.node(then, dot),
                Some(_) => {}
            }
        }
        self.node(otherwise, dot)
    }

    fn path<'v>(&mut self, head: &'v Node, keys: &'v [(Node, bool)], dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        let mut at = self.node(head, dot)?;
        for (key, optional) in keys {
            // Evaluated even behind an optional step that found nothing: a failing key is an error there too.
            let Some(key) = self.node(key, dot)? else {
                return Ok(None);
            };
            let key = key.value().ok_or(Punt)?;
            at = match at {
                None => None,
                Some(cell) => self.step(&cell, key, *optional)?,
            };
        }
        Ok(at)
    }

    /// `cell[key]`, or nothing for an optional step that is impossible.
    fn step<'v>(&mut self, cell: &Cell<'v>, key: &Value, optional: bool) -> Output<'v> {
        let found = match cell {
            Cell::Ref(value) => index(value, key)?.map(Cell::Ref),
            Cell::Own(value) => match index(value, key)? {
                Some(found) => Some(Cell::Own(self.budget.copy(found)?)),
                None => None,
            },
            Cell::Float(_) => None,
        };
        if found.is_some() || optional {
            Ok(found)
        } else {
            Err(Punt)
        }
    }

    fn array<'v>(&mut self, items: &'v [Node], dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        let mut array = Vec::with_capacity(items.len());
        for item in items {
            if let Some(cell) = self.node(item, dot)? {
                array.push(cell.own(&mut self.budget)?);
            }
        }
        Ok(Some(Cell::Own(Value::Array(array))))
    }

    fn object<'v>(&mut self, members: &'v [(Node, Node)], dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        let mut object = Map::with_capacity(members.len());
        for (key, value) in members {
            let Some(key) = self.node(key, dot)? else {
                return Ok(None);
            };
            let Some(value) = self.node(value, dot)? else {
                return Ok(None);
            };
            let Value::String(key) = key.own(&mut self.budget)? else {
                return Err(Punt);
            };
            object.insert(key, value.own(&mut self.budget)?);
        }
        Ok(Some(Cell::Own(Value::Object(object))))
    }

    fn text<'v>(&mut self, parts: &'v [Node], dot: &'v Value) -> Output<'v>
    where
        'e: 'v,
    {
        let mut text = String::new();
        for part in parts {
            let Some(part) = self.node(part, dot)? else {
                return Ok(None);
            };
            let part = scalar_text(part.value().ok_or(Punt)?)?;
            self.budget.spend_text(part.len())?;
            text.push_str(&part);
        }
        Ok(Some(Cell::Own(text.into())))
    }

    fn length(&mut self, dot: &Value) -> Output<'static> {
        let length = match dot {
            Value::Null => 0,
            Value::String(text) => {
                self.budget.spend_text(text.len())?;
                text.chars().count()
            }
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            Value::Bool(_) | Value::Number(_) => return Err(Punt),
        };
        Ok(Some(Cell::Own(length.into())))
    }

    fn affix<'v>(&mut self, affix: &'v Node, dot: &'v Value, holds: fn(&str, &str) -> bool) -> Output<'v>
    where
        'e: 'v,
    {
        let Some(affix) = self.node(affix, dot)? else {
            return Ok(None);
        };
        match (dot, affix.value()) {
            (Value::String(text), Some(Value::String(affix))) => Ok(Some(Cell::bool(holds(text, affix)))),
            _ => Err(Punt),
        }
    }
}

/// `value[key]` as jaq has it; none where it is an error.
fn index<'v>(value: &'v Value, key: &Value) -> Result<Option<&'v Value>, Punt> {
    let found = match (value, key) {
        (Value::Object(members), Value::String(key)) => members.get(key),
        (Value::Null | Value::Object(_), _) => None,
        (Value::Array(items), Value::Number(key)) => match key.as_i64() {
            Some(key) => position(key, items.len()).and_then(|position| items.get(position)),
            None if key.is_f64() => return Ok(None),
            None => return Err(Punt),
        },
        // A slice, or the places of a part.
        (Value::Array(_) | Value::String(_), Value::Array(_) | Value::Object(_)) => return Err(Punt),
        _ => return Ok(None),
    };
    Ok(Some(found.unwrap_or(&Value::Null)))
}

/// Negative keys count from the end.
fn position(key: i64, length: usize) -> Option<usize> {
    match usize::try_from(key) {
        Ok(position) => Some(position),
        Err(_) => length.checked_sub(usize::try_from(key.unsigned_abs()).ok()?),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn scalar_text(value: &Value) -> Result<Cow<'_, str>, Punt> {
    match value {
        Value::String(text) => Ok(text.as_str().into()),
        Value::Null => Ok("null".into()),
        Value::Bool(true) => Ok("true".into()),
        Value::Bool(false) => Ok("false".into()),
        Value::Number(number) => Ok(number.to_string().into()),
        Value::Array(_) | Value::Object(_) => Err(Punt),
    }
}
