//! Peers: others' engines on the same machine, the same Postgres, in turn with our rounds. Their drivers are the small
//! programs in `peers/`, their packages come from the user's registry by npm.

mod driver;
mod install;
mod round;

use clap::ValueEnum;

use crate::{context::Context, record::Record, scenario::Scenario, session, target::Target};

/// A peer that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// `BullMQ` on Redis.
    #[value(help = "BullMQ on Redis (append-only file, written every second)")]
    Bullmq,
    /// The same, each job a row in Postgres too.
    #[value(help = "BullMQ on Redis, each job a row in Postgres too")]
    BullmqRows,
    /// Graphile Worker on Postgres
    Graphile,
    /// DBOS Transact on Postgres
    Dbos,
    /// Restate with one partition
    Restate,
}

impl Peer {
    /// For people and JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bullmq => "bullmq",
            Self::BullmqRows => "bullmq-rows",
            Self::Graphile => "graphile",
            Self::Dbos => "dbos",
            Self::Restate => "restate",
        }
    }

    /// What share of our runs it is given, so that its rounds take about as long as ours; None where it has nothing that
    /// compares.
    fn share(self, scenario: Scenario) -> Option<f64> {
        let [batch, single, three] = match self {
            Self::Bullmq => [0.5, 0.8, 0.8],
            Self::BullmqRows => [0.2, 0.2, 0.2],
            Self::Graphile => [1.0, 0.1, 0.0],
            Self::Dbos => [0.05, 0.1, 0.05],
            Self::Restate => [0.1, 0.15, 0.1],
        };
        let share = match scenario {
            Scenario::NoopBatch => batch,
            Scenario::NoopSingle => single,
            Scenario::Wf3 => three,
            _ => 1.0,
        };
        (share > 0.0).then_some(share)
    }

    /// What has to be known beside its figures.
    fn remark(self) -> &'static str {
        match self {
            Self::Bullmq => {
                "Redis only, append-only file written every second; finished jobs are removed; three steps are three saves \
                 of the job's state, not a journal"
            }
            Self::BullmqRows => {
                "as bullmq, and each job is a row in Postgres, inserted before it and completed after it"
            }
            Self::Graphile => {
                "jobs are deleted when done: no journal, no result; fetches and completions in batches, except for latency"
            }
            Self::Dbos => "client and worker apart, polling every 10 ms, steps recorded",
            Self::Restate => "one partition; its server counts to its memory",
        }
    }
}

/// A peer that was asked for, and how far it got.
pub(crate) struct Found {
    peer: Peer,
    state: Result<install::Installed, String>,
    record: Record,
}

impl Found {
    /// Installs all that are asked for.
    pub(crate) async fn all(context: &Context<'_>) -> Vec<Self> {
        let mut found = Vec::new();
        for peer in &context.arguments.against {
            context.say(&format!("installing {}", peer.name()));
            let installed = install::install(*peer).await;
            let mut record = Record::default();
            if let Ok(installed) = &installed {
                record.settings.clone_from(&installed.versions);
                record.note(peer.remark());
            }
            found.push(Self {
                peer: *peer,
                state: installed.map_err(|error| format!("not found: {error:#}")),
                record,
            });
        }
        found
    }

    /// The loads once. A peer that fails is not measured again.
    pub(crate) async fn round(&mut self, context: &Context<'_>, target: &Target, loads: &[Scenario]) {
        let Ok(installed) = &mut self.state else { return };
        context.say(self.peer.name());
        let first = installed.database.is_none();
        let mut done = round::round(context, self.peer, installed, target, loads, &mut self.record).await;
        if let (Some(database), true, Ok(())) = (&installed.database, first, &done) {
            let settings = session::settings(database).await;
            done = settings.map(|settings| self.record.settings.extend(settings));
        }
        if let Err(error) = done {
            self.state = Err(format!("failed: {error:#}"));
        }
    }

    /// Its figures, or why there are none.
    pub(crate) fn over(self) -> (Peer, Result<Record, String>) {
        let record = self.record;
        (self.peer, self.state.map(|_installed| record))
    }
}
