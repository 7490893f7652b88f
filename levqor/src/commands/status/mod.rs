//! `levqor status`: how the service is, and what the operator tells people of it. Incidents are written into the database
//! itself: no key of a tenant is an operator's. The embedded size has one writer, so there the server must be stopped.

mod show;
mod tell;

use clap::{Subcommand, ValueEnum};
use levqor_status::{Impact, IncidentId};

use crate::{config::Config, wiring};

/// The status of the service.
#[derive(Subcommand, Debug)]
pub(crate) enum StatusCommand {
    /// Print what `/status` shows
    Show {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Open an incident that no probe sees, and print its id
    Incident {
        /// One line for everybody
        title: String,
        /// How bad it is
        #[arg(long, value_enum, default_value_t = Severity::Degraded)]
        impact: Severity,
    },
    /// Add a note to an incident, for everybody
    Note {
        /// Id of the incident
        incident: IncidentId,
        /// Plain text, one paragraph
        text: String,
    },
    /// Close an incident
    Close {
        /// Id of the incident
        incident: IncidentId,
        /// A last note
        #[arg(long)]
        note: Option<String>,
    },
}

/// How bad an incident is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Severity {
    /// It works slowly, late, or in part
    Degraded,
    /// It does not work
    Down,
}

impl From<Severity> for Impact {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Degraded => Self::Degraded,
            Severity::Down => Self::Down,
        }
    }
}

/// Does what was asked for.
pub(crate) async fn status(config: Config, command: &StatusCommand) -> anyhow::Result<()> {
    let _lines = wiring::logs(&config)?;
    match command {
        StatusCommand::Show { json } => show::show(&config, *json).await,
        other => tell::tell(&config, other).await,
    }
}
