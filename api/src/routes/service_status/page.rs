//! `GET /status`: the status for people.

use std::sync::Arc;

use askama::Template;
use levqor_status::{Component, State, Status, Told, Uptime, WINDOWS, word};
use levqor_store::Timestamp;
use poem_openapi::OpenApi;

use super::view::impact;
use crate::{
    error::{Code, Failed, Failures},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct StatusPage(pub Arc<Shared>);

#[derive(Template)]
#[template(path = "status/page.html")]
struct Body {
    /// Of the notice: `good`, `bad` or none. The sentence says the same.
    class: &'static str,
    sentence: &'static str,
    measured_at: Option<String>,
    components: Vec<Part>,
    uptime: Vec<Window>,
    incidents: Vec<Line>,
}

/// A line of the table of parts.
struct Part {
    label: String,
    word: &'static str,
    why: Option<String>,
    figures: String,
}

/// A line of the table of uptime.
struct Window {
    period: &'static str,
    up: String,
    good: String,
    coverage: String,
}

/// An incident.
struct Line {
    title: String,
    times: String,
    impact: &'static str,
    notes: Vec<(String, String)>,
}

impl Failures for StatusPage {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl StatusPage {
    /// Page about how the service is
    ///
    /// For everybody, without a key: the same as `GET /api/status`, for people.
    #[oai(
        path = "/status",
        method = "get",
        operation_id = "getStatusPage",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Page, Failed<Self>> {
        let found = self.0.service_status.of(&self.0).await;
        let body = found.as_deref().map_or_else(away, of);
        Ok(render("Status of the service", &body)?)
    }
}

fn away() -> Body {
    Body {
        class: "bad",
        sentence: "Down: the database does not answer, and with it the figures are missing.",
        measured_at: None,
        components: Vec::new(),
        uptime: Vec::new(),
        incidents: Vec::new(),
    }
}

fn of(status: &Status) -> Body {
    let (class, sentence) = match status.state {
        State::Operational => ("good", "Operational: everything works."),
        State::Degraded => (
            "bad",
            "Degraded: something is slow, late or away. Accepted runs are not lost.",
        ),
        State::Down => ("bad", "Down: the service cannot be used at the moment."),
        State::Unknown => ("", "Unknown: nothing was measured lately."),
    };
    let windows = WINDOWS.iter().zip(&status.uptime);
    Body {
        class,
        sentence,
        measured_at: status.measured_at.map(minute),
        components: status.components.iter().map(part).collect(),
        uptime: windows
            .map(|((period, _), found)| window(period, found))
            .collect(),
        incidents: status.incidents.iter().map(line).collect(),
    }
}

fn part(component: &Component) -> Part {
    let figures = component.figures.iter();
    let figures: Vec<String> = figures.map(|(name, value)| figure(name, *value)).collect();
    Part {
        label: component.label().to_owned(),
        word: word(component.state),
        why: component.why.clone(),
        figures: figures.join(", "),
    }
}

/// `round_trip_ms` becomes `round trip 3 ms`.
fn figure(name: &str, value: i64) -> String {
    let (name, unit) = [("_ms", " ms"), ("_seconds", " s")]
        .iter()
        .find_map(|(end, unit)| name.strip_suffix(end).map(|name| (name, *unit)))
        .unwrap_or((name, ""));
    format!("{} {value}{unit}", name.replace('_', " "))
}

fn window(period: &'static str, found: &Uptime) -> Window {
    let period = match period {
        "24h" => "24 hours",
        "7d" => "7 days",
        "30d" => "30 days",
        other => other,
    };
    let shown = |share: Option<f64>| share.map_or_else(|| "not measured".to_owned(), percent);
    Window {
        period,
        up: shown(found.up()),
        good: shown(found.good()),
        coverage: percent(found.coverage()),
    }
}

/// Rounded down, so that 100 % is said of what is whole only.
fn percent(share: f64) -> String {
    format!("{:.2} %", (share * 10_000.0).floor() / 100.0)
}

fn line(told: &Told) -> Line {
    let Told { incident, notes } = told;
    let times = match incident.closed_at {
        Some(end) => format!("{} to {}", minute(incident.opened_at), minute(end)),
        None => format!("since {}, open", minute(incident.opened_at)),
    };
    Line {
        title: incident.title.clone(),
        times,
        impact: impact(incident.impact),
        notes: notes
            .iter()
            .map(|note| (minute(note.at), note.text.clone()))
            .collect(),
    }
}

/// `2026-11-23 09:00 UTC`.
fn minute(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_shares_are_written_for_people() {
        assert_eq!(figure("round_trip_ms", 3), "round trip 3 ms");
        assert_eq!(figure("late_seconds", 0), "late 0 s");
        assert_eq!(figure("alive", 2), "alive 2");
        assert_eq!(percent(1.0), "100.00 %");
        assert_eq!(percent(0.999_999), "99.99 %");
        assert_eq!(percent(0.0), "0.00 %");
    }
}
