//! When what is done: drawn from a seed.

use std::time::Duration;

use chacha20::ChaCha8Rng;
use rand::{RngExt, SeedableRng, seq::SliceRandom};

use super::{Fault, Kind, Role};

/// Before the first fault: the workload has begun by then.
const LEAD: Duration = Duration::from_secs(2);

/// Jumps of the clock, in seconds: shorter than a lease, longer than every timeout, and longer than any wait of the workload.
const JUMPS: [u64; 3] = [3, 300, 3_600];

/// Faults with their offsets from the begin, in order; all of them are over at `total`. The same for the same arguments.
///
/// Every kind comes up once before one comes up again, while `total` suffices. Mostly one fault is under way, with a pause
/// after it in which the installation heals; some begin while another about a different part is under way. When time is
/// short, pauses are shorter and more faults overlap.
pub fn plan(seed: u64, wanted: &[Kind], total: Duration) -> Vec<(Duration, Fault)> {
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let mut planned: Vec<(Duration, Fault)> = Vec::new();
    let short = is_short(wanted, total);
    let mut free = LEAD;
    while !wanted.is_empty() {
        let before = planned.len();
        for kind in round(&mut draw, wanted) {
            let fault = fault(&mut draw, kind, short);
            let at = overlap(&mut draw, &planned, &fault, short).unwrap_or(free);
            if at + fault.lasts > total {
                continue;
            }
            planned.push((at, fault));
            free = free.max(at + fault.lasts + pause(&mut draw, short));
        }
        if planned.len() == before {
            break;
        }
    }
    planned.sort_by_key(|(at, _)| *at);
    planned
}

fn round(draw: &mut ChaCha8Rng, wanted: &[Kind]) -> Vec<Kind> {
    let mut kinds = wanted.to_vec();
    kinds.shuffle(draw);
    kinds
}

/// Whether one round, one fault after another, would not fit.
fn is_short(wanted: &[Kind], total: Duration) -> bool {
    let longest: u64 = wanted.iter().map(|kind| lasts(*kind).1 + 4_000).sum();
    LEAD + Duration::from_millis(longest) > total
}

/// A place within the fault planned last, sometimes, when all that is under way then is about other parts.
fn overlap(
    draw: &mut ChaCha8Rng,
    planned: &[(Duration, Fault)],
    fault: &Fault,
    short: bool,
) -> Option<Duration> {
    let (begin, last) = planned.last().filter(|(_, last)| !last.lasts.is_zero())?;
    let wanted = draw.random_range(0..4) < if short { 3 } else { 1 };
    let at = *begin + last.lasts.mul_f64(draw.random_range(0.1..0.9));
    let under_way = |(other_at, other): &&(Duration, Fault)| {
        *other_at <= at + fault.lasts && at <= *other_at + other.lasts
    };
    let fits = planned
        .iter()
        .filter(under_way)
        .all(|(_, other)| other.goes_with(fault));
    (wanted && fits).then_some(at)
}

fn pause(draw: &mut ChaCha8Rng, short: bool) -> Duration {
    Duration::from_millis(draw.random_range(if short { 500..1_000 } else { 1_000..4_000 }))
}

fn fault(draw: &mut ChaCha8Rng, kind: Kind, short: bool) -> Fault {
    let (least, most) = lasts(kind);
    let most = if short { least.midpoint(most) } else { most };
    let fault = Fault {
        kind,
        whom: whom(draw, kind),
        nth: draw.random_range(0..16),
        lasts: Duration::from_millis(draw.random_range(least..=most)),
        by: by(draw, kind),
    };
    match fault.whom {
        Role::All => fault.on_all(),
        _ => fault,
    }
}

fn whom(draw: &mut ChaCha8Rng, kind: Kind) -> Role {
    match kind {
        Kind::Kill(role) | Kind::Pause(role) | Kind::Restart(role) => role,
        // Half of them hit everybody; the other half make one role see another world than the rest.
        _ if kind.has_victims() && draw.random_bool(0.5) => Role::ALL[draw.random_range(1..4)],
        _ => Role::All,
    }
}

fn by(draw: &mut ChaCha8Rng, kind: Kind) -> Duration {
    match kind {
        Kind::Slow(_) => Duration::from_millis(draw.random_range(20..250)),
        Kind::ClockForward | Kind::ClockBack => Duration::from_secs(JUMPS[draw.random_range(0..JUMPS.len())]),
        _ => Duration::ZERO,
    }
}

/// The least and the most a kind lasts, in milliseconds. The shortest lease that can be configured is 4 s: a worker that
/// stands still for longer has lost its runs when it goes on.
fn lasts(kind: Kind) -> (u64, u64) {
    match kind {
        Kind::Kill(_) | Kind::Restart(_) | Kind::RedisFlush => (0, 0),
        Kind::RedisRestart | Kind::PostgresRestart | Kind::PostgresCrash => (0, 2_000),
        Kind::Pause(Role::Worker | Role::Scheduler | Role::All) => (2_000, 9_000),
        Kind::Pause(Role::Api) | Kind::Cut(_) => (1_000, 4_000),
        Kind::Partition(_) => (2_000, 8_000),
        Kind::Slow(_)
        | Kind::HalfOpen(_)
        | Kind::LostRequests(_)
        | Kind::LostReplies(_)
        | Kind::DiskFull
        | Kind::ClockForward
        | Kind::ClockBack => (2_000, 6_000),
    }
}
