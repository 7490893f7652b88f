//! A part of the service and how it was found.

use std::collections::BTreeMap;

use levqor_entities::status_snapshots::State;
use serde::{Deserialize, Serialize};

/// A part of the service as it was measured. It is shown to everybody, so it holds sums and no names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Which, such as `database`.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was measured, by names that end in the unit where there is one (`_ms`, `_seconds`).
    pub figures: BTreeMap<String, i64>,
    /// Why it is not operational, in a few words of this program's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Component {
    /// One without figures.
    pub fn new(name: &str, state: State) -> Self {
        Self {
            name: name.to_owned(),
            state,
            figures: BTreeMap::new(),
            why: None,
        }
    }

    /// With one more figure.
    pub fn with(mut self, name: &str, figure: impl TryInto<i64>) -> Self {
        let figure = figure.try_into().unwrap_or(i64::MAX);
        self.figures.insert(name.to_owned(), figure);
        self
    }

    /// With the reason.
    pub fn because(mut self, why: &str) -> Self {
        self.why = Some(why.to_owned());
        self
    }

    /// Its name for people.
    pub fn label(&self) -> &str {
        label(&self.name)
    }
}

/// Parts without which nothing can be done: when one is down, the service is.
const ESSENTIAL: [&str; 2] = ["api", "database"];

/// The state of the whole: down with an essential part, degraded with any other bad one, unknown when nothing is known.
pub fn overall(components: &[Component]) -> State {
    let any = |state: State, essential: bool| {
        components.iter().any(|component| {
            component.state == state && (!essential || ESSENTIAL.contains(&component.name.as_str()))
        })
    };
    if any(State::Down, true) {
        State::Down
    } else if any(State::Down, false) || any(State::Degraded, false) {
        State::Degraded
    } else if any(State::Operational, false) {
        State::Operational
    } else {
        State::Unknown
    }
}

/// A state as answers and people have it.
pub fn word(state: State) -> &'static str {
    match state {
        State::Operational => "operational",
        State::Degraded => "degraded",
        State::Down => "down",
        State::Unknown => "unknown",
    }
}

/// The name of a component for people.
pub(crate) fn label(name: &str) -> &str {
    match name {
        "api" => "API",
        "backlog" => "Starting of runs",
        "database" => "Database",
        "mail" => "Mail",
        "objects" => "Object storage",
        "queue" => "Queue",
        "schedules" => "Schedules",
        "workers" => "Workers",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(states: &[(&str, State)]) -> State {
        let components: Vec<Component> = states
            .iter()
            .map(|(name, state)| Component::new(name, *state))
            .collect();
        overall(&components)
    }

    #[test]
    fn the_whole_is_down_with_an_essential_part_and_degraded_with_another() {
        use State::{Degraded, Down, Operational, Unknown};
        for (states, expected) in [
            (&[][..], Unknown),
            (&[("mail", Unknown)], Unknown),
            (&[("mail", Unknown), ("queue", Operational)], Operational),
            (&[("database", Degraded), ("queue", Operational)], Degraded),
            (&[("database", Operational), ("queue", Down)], Degraded),
            (&[("workers", Down), ("database", Operational)], Degraded),
            (&[("database", Down), ("queue", Operational)], Down),
            (&[("api", Down), ("queue", Degraded)], Down),
        ] {
            assert_eq!(of(states), expected, "{states:?}");
        }
    }
}
