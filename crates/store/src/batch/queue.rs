//! Items that wait for a commit, and which of them travel together.

use std::collections::{HashSet, VecDeque};

use tokio::{sync::oneshot, time::Instant};

use crate::{
    RunId,
    batch::{BatchError, Flush, Settings},
};

/// Where an item's fate goes.
pub(super) type Answer<F> = oneshot::Sender<Result<<F as Flush>::Fate, BatchError>>;

/// Where a caller waits for it.
pub(super) type Receiver<F> = oneshot::Receiver<Result<<F as Flush>::Fate, BatchError>>;

struct Waiting<F: Flush> {
    item: F::Item,
    answer: Answer<F>,
    size: usize,
    since: Instant,
}

/// Items that are committed together, sorted by run.
pub(super) struct Batch<F: Flush> {
    pub(super) items: Vec<F::Item>,
    pub(super) answers: Vec<Answer<F>>,
    /// When the oldest of them was submitted.
    pub(super) oldest: Instant,
}

impl<F: Flush> Batch<F> {
    /// Cuts the batch in two halves.
    pub(super) fn split(mut self) -> (Self, Self) {
        let middle = self.items.len() / 2;
        let items = self.items.split_off(middle);
        let answers = self.answers.split_off(middle);
        let oldest = self.oldest;
        (
            self,
            Self {
                items,
                answers,
                oldest,
            },
        )
    }
}

/// What waits, in order of arrival, within bounds.
pub(super) struct Queue<F: Flush> {
    waiting: VecDeque<Waiting<F>>,
    bytes: usize,
    /// Runs in batches that are being committed: their next items wait for the end of those.
    busy: HashSet<RunId>,
}

impl<F: Flush> Queue<F> {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            bytes: 0,
            busy: HashSet::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds all items or none.
    pub(super) fn push(
        &mut self,
        items: Vec<F::Item>,
        settings: &Settings,
        now: Instant,
    ) -> Result<Vec<Receiver<F>>, BatchError> {
        let bytes = self
            .bytes
            .saturating_add(items.iter().map(F::size).sum::<usize>());
        let full =
            self.waiting.len() + items.len() > settings.max_waiting || bytes > settings.max_waiting_bytes;
        // A single item that is larger than the bound passes an empty queue: refusing it would be for ever.
        if full && !(self.waiting.is_empty() && items.len() == 1) {
            return Err(BatchError::Overloaded);
        }
        self.bytes = bytes;
        Ok(items.into_iter().map(|item| self.push_one(item, now)).collect())
    }

    fn push_one(&mut self, item: F::Item, since: Instant) -> Receiver<F> {
        let (answer, fate) = oneshot::channel();
        let size = F::size(&item);
        self.waiting.push_back(Waiting {
            item,
            answer,
            size,
            since,
        });
        fate
    }

    /// Takes what may travel now, within the bounds of a batch; none when nothing may. Items of a run that is
    /// in this batch or in one being committed stay, in order.
    pub(super) fn take(&mut self, settings: &Settings) -> Option<Batch<F>> {
        let (mut taken, mut bytes, mut next) = (Vec::new(), 0, 0);
        while taken.len() < settings.max_rows
            && let Some(waiting) = self.waiting.get(next)
        {
            let run = F::run(&waiting.item);
            if !F::RUN_MAY_REPEAT && !self.busy.insert(run) {
                next += 1;
                continue;
            }
            if !taken.is_empty() && bytes + waiting.size > settings.max_bytes {
                self.busy.remove(&run);
                break;
            }
            bytes += waiting.size;
            taken.extend(self.waiting.remove(next));
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        // Stable: deliveries to one run keep their order.
        taken.sort_by_key(|waiting| F::run(&waiting.item));
        let oldest = taken.iter().map(|waiting| waiting.since).min()?;
        let (items, answers) = taken
            .into_iter()
            .map(|waiting| (waiting.item, waiting.answer))
            .unzip();
        Some(Batch {
            items,
            answers,
            oldest,
        })
    }

    /// Lets further items of these runs travel.
    pub(super) fn release(&mut self, runs: &[RunId]) {
        for run in runs {
            self.busy.remove(run);
        }
    }
}
