//! From parameters and seed to arrivals.

use super::{Source, Trace, random::Random};
use crate::num;

/// An activation that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Milliseconds from the start of the trace.
    pub at_ms: u64,
    /// Index of its class.
    pub class: usize,
    /// Milliseconds that it holds a slot; at least 1.
    pub service_ms: u64,
    /// Known ahead, as the ticks of a schedule are.
    pub foreseen: bool,
}

/// Everything that arrives in a trace, in order of time. Equal traces give equal arrivals.
pub fn arrivals(trace: &Trace) -> Vec<Arrival> {
    let mut all = Vec::new();
    for (stream, source) in (0..).zip(&trace.sources) {
        let mut random = Random::new(trace.seed, stream);
        let (class, times, foreseen) = times(source, trace.duration_s, &mut random);
        let Some(index) = trace.class(class) else { continue };
        let service = trace.classes[index].service;
        all.extend(times.into_iter().map(|at_s| Arrival {
            at_ms: num::millis(at_s),
            class: index,
            service_ms: num::millis(random.log_normal(service.mean_s, service.scv)).max(1),
            foreseen,
        }));
    }
    all.sort_by_key(|arrival| (arrival.at_ms, arrival.class));
    all
}

/// Class, seconds and whether they are known ahead.
fn times<'a>(source: &'a Source, duration_s: f64, random: &mut Random) -> (&'a str, Vec<f64>, bool) {
    match source {
        Source::Stream { class, rate } => (class, stream(rate, duration_s, random), false),
        Source::Imports { class, every_s, runs } => {
            (class, imports(*every_s, *runs, duration_s, random), false)
        }
        Source::Schedule {
            class,
            first_s,
            every_s,
            runs,
        } => (class, ticks(*first_s, *every_s, *runs, duration_s), true),
    }
}

/// Poisson arrivals with a rate that changes, by thinning (Lewis and Shedler, 1979).
fn stream(rate: &[(f64, f64)], duration_s: f64, random: &mut Random) -> Vec<f64> {
    let fastest = rate.iter().map(|point| point.1).fold(0.0, f64::max);
    let mut times = Vec::new();
    if fastest <= 0.0 {
        return times;
    }
    let mut at = random.exponential(1.0 / fastest);
    while at < duration_s {
        if random.unit() * fastest <= rate_at(rate, at) {
            times.push(at);
        }
        at += random.exponential(1.0 / fastest);
    }
    times
}

/// The rate at a second: straight lines between points.
fn rate_at(rate: &[(f64, f64)], at: f64) -> f64 {
    let after = rate.partition_point(|point| point.0 <= at);
    match (after.checked_sub(1).map(|before| rate[before]), rate.get(after)) {
        (Some(left), Some(right)) => left.1 + (right.1 - left.1) * (at - left.0) / (right.0 - left.0),
        (Some(edge), None) => edge.1,
        (None, Some(edge)) => edge.1,
        (None, None) => 0.0,
    }
}

fn imports(every_s: f64, runs: f64, duration_s: f64, random: &mut Random) -> Vec<f64> {
    let mut times = Vec::new();
    let mut at = random.exponential(every_s);
    while at < duration_s {
        let several = poisson(runs, random);
        times.extend((0..several).map(|_| at));
        at += random.exponential(every_s);
    }
    times
}

/// Arrivals of a Poisson stream of rate 1 before `mean`.
fn poisson(mean: f64, random: &mut Random) -> u32 {
    let mut count = 0;
    let mut at = random.exponential(1.0);
    while at < mean {
        count += 1;
        at += random.exponential(1.0);
    }
    count
}

fn ticks(first_s: f64, every_s: f64, runs: u32, duration_s: f64) -> Vec<f64> {
    let mut times = Vec::new();
    let mut at = first_s;
    while at < duration_s {
        times.extend((0..runs).map(|_| at));
        at += every_s;
    }
    times
}
