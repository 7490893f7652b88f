//! Erlang's formulae against a queue that is simulated customer by customer.

use std::{cmp::Reverse, collections::BinaryHeap};

use chacha20::ChaCha8Rng;
use levqor_autoscaler::erlang::{allen_cunneen, erlang_c, expected_wait};
use rand::{RngExt, SeedableRng};

/// A service time of mean 1 from two uniform numbers.
type Service = fn(f64, f64) -> f64;

/// Mean wait and share of those who waited, of `customers` who find `servers` of mean service 1 used to `rho`.
fn simulate(servers: u32, rho: f64, customers: u32, seed: u64, service: Service) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || 1.0 - rng.random::<f64>();
    let rate = rho * f64::from(servers);
    // Times are not negative, so that their bits are in the order of their values.
    let mut free_at: BinaryHeap<Reverse<u64>> = (0..servers).map(|_| Reverse(0.0_f64.to_bits())).collect();
    let (mut now, mut waited, mut waiting) = (0.0, 0.0, 0.0);
    for _ in 0..customers {
        now -= unit().ln() / rate;
        let Some(Reverse(first)) = free_at.pop() else {
            break;
        };
        let start = f64::from_bits(first).max(now);
        waited += start - now;
        waiting += if start > now { 1.0 } else { 0.0 };
        free_at.push(Reverse((start + service(unit(), unit())).to_bits()));
    }
    (waited / f64::from(customers), waiting / f64::from(customers))
}

fn exponential(one: f64, _: f64) -> f64 {
    -one.ln()
}

/// Two exponential branches with balanced means; squared coefficient of variation 4.
fn hyperexponential(one: f64, two: f64) -> f64 {
    let share = f64::midpoint(1.0, (3.0_f64 / 5.0).sqrt());
    let chosen = if two <= share { share } else { 1.0 - share };
    -one.ln() / (2.0 * chosen)
}

fn constant(_: f64, _: f64) -> f64 {
    1.0
}

fn off(found: f64, expected: f64) -> f64 {
    (found - expected).abs() / expected
}

#[test]
fn a_simulated_queue_waits_as_erlang_c_says_within_5_percent() {
    let grid = [
        (1, 0.5, 400_000),
        (1, 0.8, 600_000),
        (2, 0.7, 400_000),
        (5, 0.6, 400_000),
        (5, 0.9, 800_000),
        (20, 0.8, 400_000),
        (20, 0.9, 600_000),
        (100, 0.9, 1_000_000),
    ];
    for (servers, rho, customers) in grid {
        let (wait, share) = simulate(servers, rho, customers, 7, exponential);
        let rate = rho * f64::from(servers);
        let expected = (expected_wait(servers, rate, 1.0), erlang_c(servers, rate));
        assert!(
            off(wait, expected.0) < 0.05,
            "{servers} at {rho}: {wait} for {}",
            expected.0
        );
        assert!(
            off(share, expected.1) < 0.05,
            "{servers} at {rho}: {share} for {}",
            expected.1
        );
    }
}

#[test]
fn allen_and_cunneen_correct_for_the_variability_of_services_within_10_percent() {
    let cases: [(u32, f64, u32, f64, Service); 4] = [
        (1, 0.8, 600_000, 4.0, hyperexponential),
        (10, 0.9, 800_000, 4.0, hyperexponential),
        (1, 0.8, 300_000, 0.0, constant),
        (10, 0.9, 300_000, 0.0, constant),
    ];
    for (servers, rho, customers, scv, service) in cases {
        let (wait, _) = simulate(servers, rho, customers, 11, service);
        let plain = expected_wait(servers, rho * f64::from(servers), 1.0);
        let corrected = plain * allen_cunneen(1.0, scv);
        assert!(
            off(wait, corrected) < 0.10,
            "{servers} at {rho}: {wait} for {corrected}"
        );
        assert!(
            off(wait, plain) > 0.3,
            "{servers} at {rho}: the correction matters"
        );
    }
}
