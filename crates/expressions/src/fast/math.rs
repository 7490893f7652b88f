//! `+`, `-`, `*`, `/`, `%` on single values.

use jaq_core::ops::Math;
use serde_json::{Map, Value};

use super::{
    budget::{Budget, Punt},
    eval::Cell,
};

/// A number as jaq sees it: 64-bit integers are exact, everything else is a float.
#[derive(Clone, Copy)]
pub(super) enum Num {
    Int(i64),
    Float(f64),
}

impl Num {
    /// None when it is not a number; larger integers, which jaq keeps exact, are for the helper.
    pub(super) fn of(cell: &Cell<'_>) -> Result<Option<Self>, Punt> {
        match cell.value() {
            None => Ok(cell.float().map(Self::Float)),
            Some(Value::Number(number)) => Self::of_number(number).map(Some),
            Some(_) => Ok(None),
        }
    }

    pub(super) fn of_number(number: &serde_json::Number) -> Result<Self, Punt> {
        match number.as_i64() {
            Some(integer) => Ok(Self::Int(integer)),
            None if number.is_f64() => number.as_f64().map(Self::Float).ok_or(Punt),
            None => Err(Punt),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what jaq does with an integer beside a float"
    )]
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// `left op right`; what is not plain is for the helper.
pub(super) fn run<'v>(
    left: Cell<'v>,
    op: Math,
    right: Cell<'v>,
    budget: &mut Budget,
) -> Result<Cell<'v>, Punt> {
    match (Num::of(&left)?, Num::of(&right)?) {
        (Some(left), Some(right)) => numbers(left, op, right),
        _ if op == Math::Add => add(left, right, budget),
        _ => Err(Punt),
    }
}

fn numbers(left: Num, op: Math, right: Num) -> Result<Cell<'static>, Punt> {
    let exact = match (left, op, right) {
        (_, Math::Div, _) => None,
        (Num::Int(left), op, Num::Int(right)) => Some(integers(left, op, right).ok_or(Punt)?),
        _ => None,
    };
    if let Some(integer) = exact {
        return Ok(Cell::Own(integer.into()));
    }
    let float = op_floats(left.float(), op, right.float());
    if float.is_finite() {
        Ok(Cell::Float(float))
    } else {
        Err(Punt)
    }
}

fn integers(left: i64, op: Math, right: i64) -> Option<i64> {
    match op {
        Math::Add => left.checked_add(right),
        Math::Sub => left.checked_sub(right),
        Math::Mul => left.checked_mul(right),
        Math::Rem => left.checked_rem(right),
        Math::Div => None,
    }
}

fn op_floats(left: f64, op: Math, right: f64) -> f64 {
    match op {
        Math::Add => left + right,
        Math::Sub => left - right,
        Math::Mul => left * right,
        Math::Div => left / right,
        Math::Rem => left % right,
    }
}

fn add<'v>(left: Cell<'v>, right: Cell<'v>, budget: &mut Budget) -> Result<Cell<'v>, Punt> {
    let kinds = match (left.value(), right.value()) {
        (Some(Value::Null), _) => return Ok(right),
        (_, Some(Value::Null)) => return Ok(left),
        (Some(left), Some(right)) => (left, right),
        _ => return Err(Punt),
    };
    match kinds {
        (Value::String(start), Value::String(end)) => {
            budget.spend_text(start.len() + end.len())?;
            Ok(Cell::Own(Value::String([start.as_str(), end.as_str()].concat())))
        }
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => {
            joined(left.own(budget)?, right.own(budget)?).map(Cell::Own)
        }
        _ => Err(Punt),
    }
}

fn joined(left: Value, right: Value) -> Result<Value, Punt> {
    match (left, right) {
        (Value::Array(mut items), Value::Array(more)) => {
            items.extend(more);
            Ok(Value::Array(items))
        }
        (Value::Object(members), Value::Object(more)) => Ok(Value::Object(merged(members, more))),
        _ => Err(Punt),
    }
}

/// A key of both keeps its place and takes the right value.
fn merged(mut members: Map<String, Value>, more: Map<String, Value>) -> Map<String, Value> {
    members.extend(more);
    members
}
