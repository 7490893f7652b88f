//! The status as it is shown.

use std::collections::BTreeMap;

use levqor_status::{Component, Impact, State, Status, Told, Uptime, WINDOWS, word};
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// How the service is.
#[derive(Serialize, Object)]
#[oai(rename = "ServiceStatus")]
pub(super) struct StatusBody {
    /// The whole: `operational`, `degraded`, `down`, or `unknown` when nothing was measured lately.
    pub status: String,
    /// When the components were measured; absent when they never were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
    /// The parts as they were measured last.
    pub components: Vec<ComponentBody>,
    /// Uptime over the last 24 hours, 7 days and 30 days.
    pub uptime: Vec<UptimeBody>,
    /// Incidents that are open or ended in the last thirty days, the newest first.
    pub incidents: Vec<IncidentBody>,
}

/// A part of the service.
#[derive(Serialize, Object)]
#[oai(rename = "StatusComponent")]
pub(super) struct ComponentBody {
    /// Which: `api`, `database`, `queue`, `workers`, `backlog`, `schedules`, `mail`, `objects`.
    pub name: String,
    /// `operational`, `degraded`, `down` or `unknown`.
    pub status: String,
    /// What was measured; names end in the unit where there is one: `_ms`, `_seconds`.
    pub figures: BTreeMap<String, i64>,
    /// Why it is not operational.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Uptime over a window of time that ends now.
#[derive(Serialize, Object)]
#[oai(rename = "StatusUptime")]
pub(super) struct UptimeBody {
    /// `24h`, `7d` or `30d`.
    pub period: String,
    /// Share of the measured time in which the service was not down, 0 to 1; absent when nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<f64>,
    /// Share of the measured time in which all was operational, 0 to 1; absent when nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operational: Option<f64>,
    /// Share of the period that was measured, 0 to 1. What was not measured is counted neither as up nor as down.
    pub coverage: f64,
    /// Seconds of the period that were measured.
    pub measured_seconds: i64,
}

/// When the service was not as it should be.
#[derive(Serialize, Object)]
#[oai(rename = "StatusIncident")]
pub(super) struct IncidentBody {
    /// Which.
    pub id: String,
    /// One line.
    pub title: String,
    /// The component whose measurements opened it; absent when the operator did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// At its worst: `degraded` or `down`.
    pub impact: String,
    /// `open` or `resolved`.
    pub status: String,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
    /// What the operator said of it, the oldest first.
    pub notes: Vec<NoteBody>,
}

/// What the operator said of an incident.
#[derive(Serialize, Object)]
#[oai(rename = "StatusNote")]
pub(super) struct NoteBody {
    /// When.
    pub at: String,
    /// Plain text.
    pub text: String,
}

impl StatusBody {
    /// While the database does not answer.
    pub(super) fn away() -> Self {
        let database = Component::new("database", State::Down).because("does not answer");
        Self {
            status: word(State::Down).to_owned(),
            last_updated: None,
            components: vec![component(&database)],
            uptime: Vec::new(),
            incidents: Vec::new(),
        }
    }

    pub(super) fn of(status: &Status) -> Self {
        let windows = WINDOWS.iter().zip(&status.uptime);
        Self {
            status: word(status.state).to_owned(),
            last_updated: status.measured_at.map(time::format),
            components: status.components.iter().map(component).collect(),
            uptime: windows
                .map(|((period, _), found)| uptime(period, found))
                .collect(),
            incidents: status.incidents.iter().map(incident).collect(),
        }
    }
}

/// As it is written in answers.
pub(super) fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::Degraded => word(State::Degraded),
        Impact::Down => word(State::Down),
    }
}

fn component(component: &Component) -> ComponentBody {
    ComponentBody {
        name: component.name.clone(),
        status: word(component.state).to_owned(),
        figures: component.figures.clone(),
        reason: component.why.clone(),
    }
}

fn uptime(period: &str, found: &Uptime) -> UptimeBody {
    UptimeBody {
        period: period.to_owned(),
        uptime: found.up(),
        operational: found.good(),
        coverage: found.coverage(),
        measured_seconds: found.measured / 1_000_000,
    }
}

fn incident(told: &Told) -> IncidentBody {
    let Told { incident, notes } = told;
    let status = if incident.closed_at.is_some() {
        "resolved"
    } else {
        "open"
    };
    IncidentBody {
        id: incident.id.to_string(),
        title: incident.title.clone(),
        component: incident.component.clone(),
        impact: impact(incident.impact).to_owned(),
        status: status.to_owned(),
        started_at: time::format(incident.opened_at),
        resolved_at: incident.closed_at.map(time::format),
        notes: notes
            .iter()
            .map(|note| NoteBody {
                at: time::format(note.at),
                text: note.text.clone(),
            })
            .collect(),
    }
}
