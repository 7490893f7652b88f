//! Workers that were asked for and do not beat yet.

use levqor_store::Timestamp;

/// A worker that has not come after so many times its start is not believed in any more: what asks for workers may follow
/// other figures, or have no room for them.
const PATIENCE: f64 = 4.0;

/// When each was asked for, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Asked {
    at: Vec<Timestamp>,
    /// Workers that beat at the last look.
    ready: u32,
}

impl Asked {
    /// Seconds until each of them is expected, now that so many beat. Those that came are the earliest.
    pub(super) fn starting(&mut self, ready: u32, now: Timestamp, startup_s: f64) -> Vec<f64> {
        let came = usize::try_from(ready.saturating_sub(self.ready)).unwrap_or(usize::MAX);
        self.at.drain(..came.min(self.at.len()));
        self.ready = ready;
        let waited = |at: &Timestamp| now.since(*at).as_secs_f64();
        self.at.retain(|at| waited(at) <= PATIENCE * startup_s);
        let left = |at: &Timestamp| (startup_s - waited(at)).max(0.0);
        self.at.iter().map(left).collect()
    }

    /// So many are wanted from now on: more are asked for, or those asked for last are not wanted after all.
    pub(super) fn ask(&mut self, desired: u32, ready: u32, now: Timestamp) {
        let missing = usize::try_from(desired.saturating_sub(ready)).unwrap_or(usize::MAX);
        self.at.resize(missing, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn second(s: i64) -> Timestamp {
        Timestamp(s * 1_000_000)
    }

    #[test]
    fn a_worker_that_was_asked_for_is_expected_until_it_comes_or_takes_far_too_long() {
        let mut asked = Asked::default();
        assert!(asked.starting(1, second(0), 40.0).is_empty());
        asked.ask(3, 1, second(0));
        assert_eq!(asked.starting(1, second(15), 40.0), [25.0, 25.0]);
        asked.ask(4, 1, second(15));
        assert_eq!(asked.starting(2, second(30), 40.0), [10.0, 25.0]);
        asked.ask(3, 2, second(30));
        assert_eq!(asked.starting(2, second(60), 40.0), [0.0]);
        assert!(asked.starting(2, second(161), 40.0).is_empty());
    }
}
