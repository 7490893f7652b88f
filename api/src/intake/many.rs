//! Many requests to start runs, each read and checked as soon as its last byte is there.

use bytes::Bytes;
use levqor_queue::{PRIORITIES, place};
use levqor_store::{NewRun, RunId};

use super::{Accepted, RunRequest, committed, prepare, settle, starts_now, submit_problem};
use crate::{
    auth::Caller,
    backlog::Place,
    body::{BODY_LIMIT, Splitter},
    doorbell::Early,
    error::{Code, Problem},
    state::Shared,
};

/// Most items of a batch.
const ITEMS: usize = 1_000;

/// Items read before other requests get a turn on this thread.
const TURN: usize = 32;

/// A batch that arrives. It holds the runs to be and no text; nothing is written before [`Many::submit`], so that a
/// batch that breaks off has started nothing and may be sent again, with idempotency keys or without.
pub(crate) struct Many<'a> {
    shared: &'a Shared,
    caller: Caller,
    splitter: Splitter,
    runs: Vec<NewRun>,
    /// For each item its run, or why it starts none.
    items: Vec<Result<(RunId, i16), Problem>>,
}

impl<'a> Many<'a> {
    pub(crate) fn new(shared: &'a Shared, caller: Caller, splitter: Splitter) -> Self {
        Self {
            shared,
            caller,
            splitter,
            runs: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Takes the items that end in this chunk.
    ///
    /// # Errors
    /// The batch is no array or has too many items: it is refused as a whole.
    pub(crate) async fn take(&mut self, mut chunk: &[u8]) -> Result<(), Problem> {
        while let Some(item) = self.splitter.next(&mut chunk)? {
            self.add(&item).await?;
        }
        Ok(())
    }

    /// The batch has arrived: commits its runs and says what became of each item, in the order sent.
    ///
    /// # Errors
    /// As [`Many::take`]; or nothing can be written at the moment.
    pub(crate) async fn submit(mut self) -> Result<Vec<Result<Accepted, Problem>>, Problem> {
        if let Some(last) = self.splitter.end()? {
            self.add(&last).await?;
        }
        let _places = self.places().await?;
        let count = self.runs.len();
        let submitted = self.shared.api.intake.submit_all(self.runs);
        let fates = committed(self.shared, self.caller, count, submitted).await;
        let mut fates = fates.map_err(|error| submit_problem(&error))?.into_iter();
        let settled = self.items.into_iter().map(|item| {
            let (run, priority) = item?;
            let lost = || Problem::new(Code::Internal, "The write gave no answer.");
            settle(
                self.shared,
                run,
                priority,
                Early::default(),
                fates.next().ok_or_else(lost)?,
            )
        });
        Ok(settled.collect())
    }

    /// Room in the backlog for those that may start now.
    async fn places(&self) -> Result<Vec<Place<'a>>, Problem> {
        let shared = self.shared;
        let mut counts = [0; PRIORITIES];
        for run in self.runs.iter().filter(|run| starts_now(shared, run.run_at)) {
            counts[place(run.priority)] += 1;
        }
        shared.backlog.admit_many(self.caller.tenant, counts).await
    }

    async fn add(&mut self, item: &Bytes) -> Result<(), Problem> {
        if self.items.len() == ITEMS {
            let detail = format!("The batch has more than {ITEMS} items.");
            return Err(Problem::new(Code::TooManyItems, detail));
        }
        if self.items.len() % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
        let run = self.prepare(item).await;
        self.items.push(run.map(|run| {
            let key = (run.id, run.priority);
            self.runs.push(run);
            key
        }));
        Ok(())
    }

    async fn prepare(&self, item: &Bytes) -> Result<NewRun, Problem> {
        if item.len() > BODY_LIMIT {
            return Err(Problem::new(
                Code::BodyTooLarge,
                "The item has more than 512 KiB.",
            ));
        }
        prepare(self.shared, self.caller, RunRequest::parse(item)?).await
    }
}
