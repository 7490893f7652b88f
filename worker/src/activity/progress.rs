//! How far running activities say they are. In memory only: it is gone when the attempt is over.

use std::collections::HashMap;

use levqor_store::RunId;
use parking_lot::Mutex;

/// Longest message kept, in characters.
const MESSAGE_CHARS: usize = 200;

/// What an attempt said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Execution path of the task.
    pub path: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// 0..=100.
    pub percent: u8,
    /// For people, at most 200 characters.
    pub message: String,
}

/// Progress of the attempts that run in this process, at most one per run.
#[derive(Debug, Default)]
pub struct ProgressMap {
    runs: Mutex<HashMap<RunId, Progress>>,
}

impl ProgressMap {
    /// What this run's attempt said last, if one runs here and said anything.
    pub fn get(&self, run: RunId) -> Option<Progress> {
        self.runs.lock().get(&run).cloned()
    }

    /// Replaces what the run's attempt said before.
    pub(crate) fn set(&self, run: RunId, mut progress: Progress) {
        progress.percent = progress.percent.min(100);
        if let Some((end, _)) = progress.message.char_indices().nth(MESSAGE_CHARS) {
            progress.message.truncate(end);
        }
        self.runs.lock().insert(run, progress);
    }

    /// The attempt is over.
    pub(crate) fn clear(&self, run: RunId) {
        self.runs.lock().remove(&run);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn progress_is_bounded_and_forgotten_with_its_attempt() {
        let map = ProgressMap::default();
        let run = RunId(Uuid::from_u128(1));
        map.set(
            run,
            Progress {
                path: "/do/0/a".into(),
                attempt: 1,
                percent: 250,
                message: "é".repeat(300),
            },
        );
        let said = map.get(run).unwrap();
        assert_eq!(said.percent, 100);
        assert_eq!(said.message.chars().count(), MESSAGE_CHARS);
        map.clear(run);
        assert_eq!(map.get(run), None);
    }
}
