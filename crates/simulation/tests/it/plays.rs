//! Many seeds, on as many threads as there are cores.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
};

use levqor_simulation::{Bug, Documents, Played, Player};

/// What to type to see a seed's history.
pub(crate) fn command(seed: u64, bug: Option<Bug>) -> String {
    let bug = bug.map(|bug| format!(" --bug {bug}")).unwrap_or_default();
    format!("cargo run -p levqor-simulation -- --seed {seed}{bug} --trace")
}

/// Plays seeds 0 to `count` until `look` has seen enough of them on every thread; answers what it found.
pub(crate) fn each<T: Send>(
    count: u64,
    bug: Option<Bug>,
    look: impl Fn(u64, Played) -> Option<T> + Sync,
) -> Vec<T> {
    let documents = Documents::parse().unwrap();
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let play = || {
        let player = Player::new(&documents);
        let mut found = Vec::new();
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= count {
                return found;
            }
            found.extend(look(seed, player.play(seed, bug, false)));
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(play)).collect();
        running.into_iter().flat_map(|one| one.join().unwrap()).collect()
    })
}
