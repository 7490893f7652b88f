//! jq's equality and order of values: null < false < true < numbers < strings < arrays < objects.

use std::cmp::Ordering;

use jaq_core::ops::Cmp;
use serde_json::Value;

use super::{
    budget::{Budget, Punt},
    eval::Cell,
    math::Num,
};

/// `left op right`.
pub(super) fn run(left: &Cell<'_>, op: Cmp, right: &Cell<'_>, budget: &mut Budget) -> Result<bool, Punt> {
    let ordering = match (Num::of(left)?, Num::of(right)?) {
        (Some(left), Some(right)) => numbers(left, right),
        (Some(_), None) => NUMBER.cmp(&right.value().map_or(NUMBER, rank)),
        (None, Some(_)) => left.value().map_or(NUMBER, rank).cmp(&NUMBER),
        (None, None) => match (left.value(), right.value()) {
            (Some(left), Some(right)) if matches!(op, Cmp::Eq | Cmp::Ne) => {
                return equal(left, right, budget).map(|equal| equal == (op == Cmp::Eq));
            }
            (Some(left), Some(right)) => order(left, right, budget)?,
            _ => return Err(Punt),
        },
    };
    Ok(match op {
        Cmp::Lt => ordering.is_lt(),
        Cmp::Le => ordering.is_le(),
        Cmp::Gt => ordering.is_gt(),
        Cmp::Ge => ordering.is_ge(),
        Cmp::Eq => ordering.is_eq(),
        Cmp::Ne => ordering.is_ne(),
    })
}

fn numbers(left: Num, right: Num) -> Ordering {
    match (left, right) {
        (Num::Int(left), Num::Int(right)) => left.cmp(&right),
        (left, right) => {
            let (left, right) = (left.float(), right.float());
            // 0.0 and -0.0 are the same.
            if left == 0.0 && right == 0.0 {
                Ordering::Equal
            } else {
                left.total_cmp(&right)
            }
        }
    }
}

fn equal(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Punt> {
    budget.spend(1)?;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            Ok(numbers(Num::of_number(left)?, Num::of_number(right)?).is_eq())
        }
        (Value::String(left), Value::String(right)) => {
            budget.spend_text(left.len().min(right.len()))?;
            Ok(left == right)
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            all(left.iter().zip(right), |(left, right)| equal(left, right, budget))
        }
        (Value::Object(left), Value::Object(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            all(left.iter(), |(key, left)| match right.get(key) {
                Some(right) => equal(left, right, budget),
                None => Ok(false),
            })
        }
        (left, right) => Ok(left == right),
    }
}

fn all<T>(
    items: impl Iterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, Punt>,
) -> Result<bool, Punt> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn order(left: &Value, right: &Value, budget: &mut Budget) -> Result<Ordering, Punt> {
    budget.spend(1)?;
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => {
            Ok(numbers(Num::of_number(left)?, Num::of_number(right)?))
        }
        (Value::String(left), Value::String(right)) => {
            budget.spend_text(left.len().min(right.len()))?;
            Ok(left.cmp(right))
        }
        (Value::Array(left), Value::Array(right)) => {
            for (left, right) in left.iter().zip(right) {
                let ordering = order(left, right, budget)?;
                if ordering.is_ne() {
                    return Ok(ordering);
                }
            }
            Ok(left.len().cmp(&right.len()))
        }
        // By sorted keys, then by values: too long for a fast path.
        (Value::Object(_), Value::Object(_)) => Err(Punt),
        (left, right) => Ok(rank(left).cmp(&rank(right))),
    }
}

/// Where numbers stand among the kinds.
const NUMBER: u8 = 2;

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => NUMBER,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}
