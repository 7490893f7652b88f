//! Values that no fleet can have.

use super::{Source, Trace};

/// Longest trace in seconds: two days, so that a typo does not simulate a year.
const LONGEST_S: f64 = 172_800.0;
/// Most arrivals a second of one source.
const FASTEST_PER_S: f64 = 1_000.0;
/// Most workers, and slots of one.
const MOST: u32 = 1_000;

/// A value that no fleet can have.
pub(super) struct Fault {
    /// JSON pointer.
    pub(super) at: String,
    /// What it must be.
    pub(super) why: &'static str,
}

type Checked = Result<(), Fault>;

/// Refuses the first value that cannot be.
pub(super) fn check(trace: &Trace) -> Checked {
    need(
        within(trace.duration_s, 60.0, LONGEST_S),
        "/duration_s",
        "must be 60 to 172800",
    )?;
    need(
        trace.worker_micros_per_hour >= 0,
        "/worker_micros_per_hour",
        "must not be negative",
    )?;
    fleet(trace)?;
    need(
        !trace.classes.is_empty(),
        "/classes",
        "must have at least one class",
    )?;
    classes(trace)?;
    for (index, source) in trace.sources.iter().enumerate() {
        check_source(trace, source, &format!("/sources/{index}"))?;
    }
    changes(trace)?;
    outages(trace)?;
    let ordered = trace.schedule.windows(2).all(|pair| pair[0].0 < pair[1].0);
    need(ordered, "/schedule", "must be in order of time")
}

fn fleet(trace: &Trace) -> Checked {
    let fleet = &trace.fleet;
    let bounds = fleet.max >= 1 && fleet.min <= fleet.max && fleet.max <= MOST;
    need(
        (1..=MOST).contains(&fleet.slots),
        "/fleet/slots",
        "must be 1 to 1000",
    )?;
    need(bounds, "/fleet/max", "must be 1 to 1000 and at least min")?;
    need(
        within(fleet.startup_s, 0.0, 3_600.0),
        "/fleet/startup_s",
        "must be 0 to 3600",
    )?;
    need(
        (fleet.min..=fleet.max).contains(&fleet.initial),
        "/fleet/initial",
        "must be between min and max",
    )
}

fn classes(trace: &Trace) -> Checked {
    for (index, class) in trace.classes.iter().enumerate() {
        let at = |field: &str| format!("/classes/{index}/{field}");
        let again = trace.class(&class.name) != Some(index);
        need(!again, &at("name"), "must not be the name of another class")?;
        need(
            within(class.service.mean_s, 0.001, 86_400.0),
            &at("service/mean_s"),
            "must be 0.001 to 86400",
        )?;
        need(
            within(class.service.scv, 0.0, 100.0),
            &at("service/scv"),
            "must be 0 to 100",
        )?;
        need(
            class.delay_micros_per_s >= 0,
            &at("delay_micros_per_s"),
            "must not be negative",
        )?;
        need(
            class.margin_micros >= 0,
            &at("margin_micros"),
            "must not be negative",
        )?;
        need(
            within(class.patience_s, 0.0, f64::MAX),
            &at("patience_s"),
            "must not be negative",
        )?;
    }
    Ok(())
}

fn check_source(trace: &Trace, source: &Source, at: &str) -> Checked {
    let known = |class: &str| {
        need(
            trace.class(class).is_some(),
            &format!("{at}/class"),
            "must name a class",
        )
    };
    match source {
        Source::Stream { class, rate } => {
            known(class)?;
            let rates = rate.iter().all(|point| within(point.1, 0.0, FASTEST_PER_S));
            let ordered = rate.windows(2).all(|pair| pair[0].0 < pair[1].0);
            let fine = !rate.is_empty() && rates && ordered;
            need(
                fine,
                &format!("{at}/rate"),
                "must have points in order of time, of 0 to 1000 a second",
            )
        }
        Source::Imports { class, every_s, runs } => {
            known(class)?;
            need(
                within(*every_s, 1.0, f64::MAX),
                &format!("{at}/every_s"),
                "must be at least 1",
            )?;
            need(
                within(*runs, 0.0, 100_000.0),
                &format!("{at}/runs"),
                "must be 0 to 100000",
            )
        }
        Source::Schedule {
            class,
            first_s,
            every_s,
            runs,
        } => {
            known(class)?;
            need(
                within(*first_s, 0.0, f64::MAX),
                &format!("{at}/first_s"),
                "must not be negative",
            )?;
            need(
                within(*every_s, 1.0, f64::MAX),
                &format!("{at}/every_s"),
                "must be at least 1",
            )?;
            need(*runs <= 100_000, &format!("{at}/runs"), "must be at most 100000")
        }
    }
}

fn changes(trace: &Trace) -> Checked {
    let ordered = trace.changes.windows(2).all(|pair| pair[0].at_s <= pair[1].at_s);
    need(ordered, "/changes", "must be in order of time")?;
    for (index, change) in trace.changes.iter().enumerate() {
        let at = |field: &str| format!("/changes/{index}/{field}");
        let known = change
            .class
            .as_ref()
            .is_none_or(|class| trace.class(class).is_some());
        need(known, &at("class"), "must name a class")?;
        let own = change.delay_micros_per_s.or(change.margin_micros);
        need(
            own.is_none() || change.class.is_some(),
            &at("class"),
            "must say whose prices change",
        )?;
        let prices = [
            change.worker_micros_per_hour,
            change.delay_micros_per_s,
            change.margin_micros,
        ];
        need(
            prices.iter().flatten().all(|price| *price >= 0),
            &at(""),
            "must not have a negative price",
        )?;
        need(
            within(change.at_s, 0.0, LONGEST_S),
            &at("at_s"),
            "must not be negative",
        )?;
    }
    Ok(())
}

fn outages(trace: &Trace) -> Checked {
    for (index, outage) in trace.outages.iter().enumerate() {
        let at = |field: &str| format!("/outages/{index}/{field}");
        need(
            trace.class(&outage.class).is_some(),
            &at("class"),
            "must name a class",
        )?;
        let ordered = within(outage.from_s, 0.0, LONGEST_S) && within(outage.to_s, outage.from_s, LONGEST_S);
        need(ordered, &at("to_s"), "must not be before from_s")?;
        need(
            within(outage.attempt_s, 0.001, 86_400.0),
            &at("attempt_s"),
            "must be 0.001 to 86400",
        )?;
        need(
            within(outage.retry_s, 1.0, 86_400.0),
            &at("retry_s"),
            "must be 1 to 86400",
        )?;
        need(
            within(outage.retry_max_s, outage.retry_s, 86_400.0),
            &at("retry_max_s"),
            "must be at least retry_s",
        )?;
    }
    Ok(())
}

fn within(value: f64, least: f64, most: f64) -> bool {
    (least..=most).contains(&value)
}

fn need(holds: bool, at: &str, why: &'static str) -> Checked {
    if holds {
        return Ok(());
    }
    Err(Fault {
        at: at.to_owned(),
        why,
    })
}
