//! The model: what the protocol says of each run, without SQL.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::bench::{Bench, append, end, park};
use super::super::check::{Failure, Verdict, ensure, ensure_eq, some};
use super::run::Run;
use super::step::{Call, Step, WORKERS};
use crate::{
    Append, ClaimRequest, End, IdempotencyClaim, IntakeFate, NewRun, NewTimer, Park, RunId, RunState,
    Timestamp, WorkerId, WriteFate,
};

/// A write that can be made again, as a worker does that does not know the outcome.
#[derive(Clone, Debug)]
enum Write {
    Intake(Uuid, NewRun, IntakeFate),
    Claim(WorkerId, ClaimRequest),
    Append(Append),
    Park(Park),
    End(End),
}

/// All runs of one replay, and the write made last.
pub(super) struct Model {
    runs: Vec<Run>,
    keys: HashMap<u8, (RunId, [u8; 32])>,
    workers: Vec<WorkerId>,
    past: Timestamp,
    last: Option<Write>,
}

impl Model {
    pub(super) async fn new(bench: &Bench) -> Result<Self, Failure> {
        let mut workers = Vec::new();
        for _ in 0..WORKERS {
            workers.push(bench.other_worker().await?);
        }
        let past = bench.store.now().await?;
        Ok(Self {
            runs: vec![],
            keys: HashMap::new(),
            workers,
            past,
            last: None,
        })
    }

    /// Makes the call on the store, and checks its answer against the model.
    pub(super) async fn apply(&mut self, bench: &Bench, step: Step) -> Verdict {
        if step.call == Call::Intake || self.runs.is_empty() {
            let write = self.intake(bench, step);
            return self.write(bench, write).await;
        }
        let index = step.run % self.runs.len();
        match step.call {
            Call::Deliver => self.deliver(bench, index).await,
            Call::Release => self.release(bench, index, step).await,
            Call::Bury => self.bury(bench, step.worker).await,
            Call::Fire => self.fire(bench).await,
            Call::Repeat => match self.last.clone() {
                Some(write) => self.write(bench, write).await,
                None => Ok(()),
            },
            _ => {
                let write = self.shape(bench, index, step);
                self.write(bench, write).await
            }
        }
    }

    fn intake(&self, bench: &Bench, step: Step) -> Write {
        let key = (step.variant > 1).then(|| IdempotencyClaim {
            key: (step.run % 3).to_string(),
            request_hash: [step.variant; 32],
            keep: std::time::Duration::from_hours(1),
        });
        let fate = key.as_ref().and_then(|key| {
            self.keys
                .get(&u8::try_from(step.run % 3).unwrap_or(0))
                .map(|k| (key, k))
        });
        let fate = match fate {
            None => IntakeFate::Accepted { ready: true },
            Some((key, (run, hash))) if key.request_hash == *hash => IntakeFate::Existing { run: *run },
            Some((_, (run, _))) => IntakeFate::KeyConflict { run: *run },
        };
        Write::Intake(
            bench.token(),
            NewRun {
                idempotency: key,
                ..bench.new_run()
            },
            fate,
        )
    }

    /// The write that a step stands for, aimed at the run as it is now and then moved by the step's errors.
    fn shape(&self, bench: &Bench, index: usize, step: Step) -> Write {
        let run = &self.runs[index];
        let seq = i32::try_from(run.journal.len()).unwrap_or(0) + step.seq;
        let (id, epoch, inbox) = (run.id, run.epoch + step.epoch, (run.inbox + step.inbox).max(0));
        match step.call {
            Call::Claim => Write::Claim(
                self.workers[step.worker],
                ClaimRequest {
                    run: id,
                    epoch,
                    token: bench.token(),
                },
            ),
            Call::Append => {
                let body = format!("[{}]", step.variant).into_bytes();
                Write::Append(Append {
                    body,
                    ..append(id, epoch, seq)
                })
            }
            Call::Park => {
                let body = (step.variant > 1).then(|| br#"["park"]"#.to_vec());
                let timer = NewTimer {
                    due: self.past,
                    body: b"1".to_vec(),
                };
                let timers = if step.variant % 2 == 1 {
                    vec![timer]
                } else {
                    vec![]
                };
                Write::Park(Park {
                    body,
                    timers,
                    ..park(id, epoch, seq, inbox)
                })
            }
            _ => Write::End(end(id, epoch, seq, inbox)),
        }
    }

    /// Makes a write on the store and in the model.
    async fn write(&mut self, bench: &Bench, write: Write) -> Verdict {
        self.last = Some(write.clone());
        match write {
            Write::Intake(token, new, fate) => self.intake_now(bench, token, &new, fate).await,
            Write::Claim(worker, wanted) => self.claim(bench, worker, wanted).await,
            Write::Append(append) => {
                let expected = self.append(&append);
                ensure_eq!(bench.append(&append).await?, expected, "{append:?}");
                Ok(())
            }
            Write::Park(park) => {
                let expected = self.park(&park);
                expect_fate(&bench.park(&park).await?, &expected)
            }
            Write::End(end) => {
                let expected = self.end(&end);
                expect_fate(&bench.end(&end).await?, &expected)
            }
        }
    }

    async fn intake_now(&mut self, bench: &Bench, token: Uuid, new: &NewRun, fate: IntakeFate) -> Verdict {
        let fates = bench.store.intake(token, std::slice::from_ref(new)).await?;
        ensure_eq!(fates, std::slice::from_ref(&fate), "intake of {new:?}");
        let repeated = self.runs.iter().any(|run| run.id == new.id);
        if repeated || !matches!(fate, IntakeFate::Accepted { .. }) {
            return Ok(());
        }
        if let Some(key) = &new.idempotency {
            self.keys
                .insert(key.key.parse().unwrap_or(0), (new.id, key.request_hash));
        }
        self.runs.push(Run::new(new.id));
        Ok(())
    }

    fn run(&mut self, id: RunId) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    async fn claim(&mut self, bench: &Bench, worker: WorkerId, wanted: ClaimRequest) -> Verdict {
        let claimed = bench.store.claim(worker, &[wanted]).await?;
        let run = some!(self.run(wanted.run), "the run in the model");
        let fresh = run.state == RunState::Pending && run.epoch == wanted.epoch;
        let again = run.state == RunState::Running && run.token == Some(wanted.token);
        ensure_eq!(
            claimed.len(),
            usize::from(fresh || again),
            "runs won by {wanted:?}"
        );
        if fresh {
            run.epoch += 1;
            run.state = RunState::Running;
            run.worker = Some(worker);
            run.token = Some(wanted.token);
        }
        for won in claimed {
            ensure_eq!(
                (won.epoch, won.deaths),
                (run.epoch, run.deaths),
                "counters of a claim"
            );
            ensure_eq!(
                won.inbox.iter().map(|row| row.n).collect::<Vec<_>>(),
                (1..=run.inbox).collect::<Vec<_>>(),
                "inbox"
            );
            let journal: Vec<_> = run.journal.iter().map(|(_, body)| body.clone()).collect();
            ensure_eq!(won.journal, journal, "journal of a claim");
        }
        Ok(())
    }

    fn append(&mut self, append: &Append) -> WriteFate {
        match self.run(append.run) {
            Some(run) => run.append(append.epoch, append.seq, &append.body),
            None => WriteFate::Fenced,
        }
    }

    fn park(&mut self, park: &Park) -> WriteFate {
        match self.run(park.run) {
            Some(run) => run.park(park),
            None => WriteFate::Fenced,
        }
    }

    fn end(&mut self, end: &End) -> WriteFate {
        match self.run(end.run) {
            Some(run) => run.end(end),
            None => WriteFate::Fenced,
        }
    }

    async fn deliver(&mut self, bench: &Bench, index: usize) -> Verdict {
        let run = &mut self.runs[index];
        let expected = run.wake();
        ensure_eq!(bench.cancel(run.id).await?, expected, "delivery to {}", run.id);
        Ok(())
    }

    async fn release(&mut self, bench: &Bench, index: usize, step: Step) -> Verdict {
        let run = &mut self.runs[index];
        let epoch = run.epoch + step.epoch;
        let released = bench.store.release(&[(run.id, epoch)]).await?;
        let free = matches!(run.state, RunState::Running | RunState::Pending) && step.epoch == 0;
        ensure_eq!(released.len(), usize::from(free), "runs released");
        if free {
            run.free();
        }
        Ok(())
    }

    /// A worker dies; its runs are rescued, and a new worker takes its place. So are runs that one who died before has claimed
    /// since, by a call that was made again.
    async fn bury(&mut self, bench: &Bench, worker: usize) -> Verdict {
        let dead = self.workers[worker];
        let term = bench.term().await?;
        ensure!(
            bench.store.bury(term, dead, 0).await?,
            "a worker that never beat was not buried"
        );
        let freed = bench.store.rescue(term, 1_000).await?;
        let workers = &self.workers;
        let held = |run: &&mut Run| {
            run.worker
                .is_some_and(|worker| worker == dead || !workers.contains(&worker))
        };
        for run in self.runs.iter_mut().filter(held) {
            ensure!(
                freed
                    .iter()
                    .any(|ready| ready.run == run.id && ready.epoch == run.epoch),
                "not freed: {run:?}"
            );
            run.deaths += 1;
            run.free();
        }
        self.workers[worker] = bench.other_worker().await?;
        Ok(())
    }

    async fn fire(&mut self, bench: &Bench) -> Verdict {
        bench.fire_all().await?;
        for run in self.runs.iter_mut().filter(|run| run.timer) {
            run.timer = false;
            run.wake();
        }
        Ok(())
    }

    /// Every run looks the same in the store.
    pub(super) async fn compare(&self, bench: &Bench) -> Verdict {
        for run in &self.runs {
            let view = some!(
                bench.store.run(bench.tenant, run.id).await?,
                "run {} in the store",
                run.id
            );
            ensure_eq!(
                (view.state, view.epoch),
                (run.state, run.epoch),
                "state and epoch of {run:?}"
            );
            if !run.state.ended() {
                let rows = bench.store.inbox_after(run.id, 0).await?;
                ensure_eq!(
                    rows.len(),
                    usize::try_from(run.inbox).unwrap_or(0),
                    "inbox of {run:?}"
                );
            }
        }
        Ok(())
    }
}

/// Newer inbox rows are only counted as such here; the rooms check which.
fn expect_fate(seen: &WriteFate, expected: &WriteFate) -> Verdict {
    let kind = std::mem::discriminant::<WriteFate>;
    ensure_eq!(
        kind(seen),
        kind(expected),
        "fate (saw {seen:?}, expected {expected:?})"
    );
    Ok(())
}
