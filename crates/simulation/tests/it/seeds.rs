//! The protocol as it is.

use std::{sync::Mutex, time::Instant};

use levqor_simulation::{Documents, Player, Tally};

use crate::plays::{command, each};

/// Each is another history.
const SEEDS: u64 = 10_000;

#[test]
fn ten_thousand_seeds_break_no_rule() {
    let began = Instant::now();
    let tally = Mutex::new(Tally::default());
    let failures = each(SEEDS, None, |seed, played| {
        tally.lock().unwrap().merge(&played.tally);
        let first = played.violations.first()?;
        Some(format!("seed {seed}: {first}\n  {}", command(seed, None)))
    });
    let tally = tally.into_inner().unwrap();
    eprintln!("{SEEDS} seeds in {:.1} s", began.elapsed().as_secs_f64());
    eprintln!("{:?}", tally.0);
    let shown = failures.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        failures.is_empty(),
        "{} of {SEEDS} seeds failed:\n{shown}",
        failures.len()
    );
    for expected in Tally::EXPECTED {
        assert!(tally.0.contains_key(expected), "{SEEDS} seeds without {expected}");
    }
}

#[test]
fn a_seed_played_twice_has_one_history() {
    let documents = Documents::parse().unwrap();
    let (first, second) = (Player::new(&documents), Player::new(&documents));
    let mut digests = Vec::new();
    for seed in 0..50 {
        let played = first.play(seed, None, true);
        assert_eq!(
            played.digest,
            second.play(seed, None, false).digest,
            "seed {seed}"
        );
        assert!(
            played.lines.len() > 100,
            "seed {seed}: {} lines",
            played.lines.len()
        );
        digests.push(played.digest);
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 50, "seeds with one history");
}
