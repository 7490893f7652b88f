//! `document`, `evaluate` and `schedule`.

use serde_json::{Map, Value};

use super::{Lower, fields::Fields};
use crate::{
    model::{Document, Schedule},
    names::{is_dns_label, is_semver, shown},
    schedule,
    tree::Cursor,
};

const DOCUMENT: Fields = Fields {
    known: &[
        "dsl",
        "namespace",
        "name",
        "version",
        "title",
        "summary",
        "tags",
        "metadata",
    ],
    required: &["dsl", "namespace", "name", "version"],
    unsupported: &[],
};
const EVALUATE: Fields = Fields {
    known: &["language", "mode"],
    required: &[],
    unsupported: &[],
};
const SCHEDULE: Fields = Fields {
    known: &["every", "cron"],
    required: &[],
    unsupported: &["after", "on", "read"],
};

/// Shortest `schedule.every`, in seconds.
const SHORTEST_EVERY: u64 = 1;

impl Lower<'_> {
    pub(super) fn document(&mut self, at: Cursor<'_>) -> Option<Document> {
        self.fields(at, &DOCUMENT)?;
        let dsl = at.get("dsl").and_then(|at| self.dsl(at));
        let namespace = at.get("namespace").and_then(|at| self.label(at));
        let name = at.get("name").and_then(|at| self.label(at));
        let version = at.get("version").and_then(|at| self.version(at));
        let title = at.get("title").and_then(|at| self.string(at)).map(str::to_owned);
        let summary = at
            .get("summary")
            .and_then(|at| self.string(at))
            .map(str::to_owned);
        let tags = self.free_object(at, "tags");
        let metadata = self.free_object(at, "metadata");
        let value = at.get("metadata").and_then(|at| self.ours(at));
        Some(Document {
            dsl: dsl?,
            namespace: namespace?,
            name: name?,
            version: version?,
            title,
            summary,
            tags,
            metadata,
            value,
        })
    }

    fn dsl(&mut self, at: Cursor<'_>) -> Option<String> {
        let text = self.version(at)?;
        if !text.starts_with("1.0.") || text.contains('-') {
            let message = format!("version {text} of the language is not supported; write '1.0.3'");
            self.problems.at("unsupported_dsl", at, message);
            return None;
        }
        Some(text)
    }

    fn version(&mut self, at: Cursor<'_>) -> Option<String> {
        let text = self.string(at)?;
        if !is_semver(text) {
            let message = format!("{} is no semantic version; write it like '1.0.0'", shown(text));
            self.problems.at("invalid_version", at, message);
            return None;
        }
        Some(text.to_owned())
    }

    fn label(&mut self, at: Cursor<'_>) -> Option<String> {
        let text = self.string(at)?;
        if !is_dns_label(text) {
            let rule = "1 to 63 letters, digits and hyphens, no hyphen first or last";
            self.problems.at(
                "invalid_name",
                at,
                format!("{} is no DNS label: {rule}", shown(text)),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// An object that nobody looks into; empty when absent.
    pub(super) fn free_object(&mut self, at: Cursor<'_>, name: &str) -> Value {
        let found = at.get(name).filter(|at| self.object(*at).is_some());
        found.map_or_else(|| Value::Object(Map::new()), Cursor::value)
    }

    /// Only what we do anyway may be asked for.
    pub(super) fn evaluate(&mut self, at: Cursor<'_>) {
        if self.fields(at, &EVALUATE).is_none() {
            return;
        }
        if let Some(language) = at.get("language")
            && self.string(language).is_some_and(|text| text != "jq")
        {
            self.unsupported_value(language, "an expression language other than jq");
        }
        if let Some(mode) = at.get("mode")
            && self.word(mode, &["strict", "loose"]) == Some("loose")
        {
            self.unsupported_value(mode, "loose mode");
        }
    }

    pub(super) fn schedule(&mut self, at: Cursor<'_>) -> Option<Schedule> {
        self.fields(at, &SCHEDULE)?;
        match (at.get("every"), at.get("cron")) {
            (Some(every), None) => self.every(every),
            (None, Some(cron)) => self.cron(cron),
            (Some(_), Some(cron)) => {
                let message = "`every` and `cron` exclude each other; keep one";
                self.problems.at_key("conflicting_properties", cron, message);
                None
            }
            (None, None) => {
                if at.children().len() == 0 {
                    self.problems
                        .at("missing_property", at, "`cron` or `every` is missing; add one");
                }
                None
            }
        }
    }

    fn every(&mut self, at: Cursor<'_>) -> Option<Schedule> {
        let every = self.fixed_duration(at)?;
        if every.as_secs() < SHORTEST_EVERY {
            let message = format!("must be at least {SHORTEST_EVERY} second");
            self.problems.at("invalid_duration", at, message);
            return None;
        }
        Some(Schedule::Every(every))
    }

    fn cron(&mut self, at: Cursor<'_>) -> Option<Schedule> {
        let text = self.string(at)?;
        let schedule = Schedule::Cron(text.to_owned());
        let reason = match schedule::parse_cron(text) {
            Err(reason) => reason,
            Ok(_) if schedule::next(&schedule, 0).is_none() => "it is never due".to_owned(),
            Ok(_) => return Some(schedule),
        };
        let rule = "five fields (minute hour day month weekday), or six with seconds first";
        self.problems.at(
            "invalid_cron",
            at,
            format!("{} is no cron expression: {reason}; write {rule}", shown(text)),
        );
        None
    }
}
