//! `levqor up`: one process that is every role, on SQLite.

use std::time::Duration;

use anyhow::{Context, Result};
use levqor_testkit::{TempFolder, free_port};
use serde_json::Value;

use super::{
    Begun, START, Settings,
    member::{Member, Spec},
    not_here,
};
use crate::faults::{Fault, Kind, Role};

pub(super) struct Embedded {
    member: Member,
    apis: [String; 1],
    key: String,
    _folder: TempFolder,
}

/// There are no servers and no links.
pub(super) fn is_possible(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Kill(Role::All)
            | Kind::Pause(Role::All)
            | Kind::Restart(Role::All)
            | Kind::DiskFull
            | Kind::ClockForward
            | Kind::ClockBack
    )
}

impl Embedded {
    pub(super) async fn start(settings: &Settings) -> Result<Self> {
        let folder = TempFolder::new()?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let data = folder.path().join("data").display().to_string();
        let member = Member::start(Spec {
            role: Role::All,
            binary: settings.binary.clone(),
            arguments: ["up", "--json", "--listen", &address, "--data", &data]
                .map(ToOwned::to_owned)
                .to_vec(),
            environment: settings.environment.clone(),
            address: address.clone(),
        })?;
        let ready: Value = serde_json::from_str(&member.line("\"url\"").await?)?;
        let key = ready["api_key"].as_str().context("no api_key")?.to_owned();
        member.ready(START).await?;
        Ok(Self {
            member,
            apis: [format!("http://{address}")],
            key,
            _folder: folder,
        })
    }

    pub(super) fn apis(&self) -> &[String] {
        &self.apis
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) async fn begin(&self, fault: &Fault) -> Result<Begun> {
        match fault.kind {
            Kind::Kill(_) => self.member.kill().await?,
            Kind::Pause(_) => self.member.freeze()?,
            Kind::Restart(_) => self.member.terminate().await?,
            Kind::DiskFull | Kind::ClockForward | Kind::ClockBack => return self.deceive(fault).await,
            _ => return not_here(fault),
        }
        Ok(Begun::Done)
    }

    /// What the preloaded library does.
    async fn deceive(&self, fault: &Fault) -> Result<Begun> {
        if let Some(reason) = self.member.disobeys().await {
            return Ok(Begun::Skipped(reason));
        }
        if fault.kind == Kind::DiskFull {
            self.member.fill_disk(true)?;
        } else {
            self.member.shift_clock(fault.seconds())?;
        }
        Ok(Begun::Done)
    }

    pub(super) async fn end(&self, fault: &Fault) -> Result<()> {
        match fault.kind {
            Kind::Kill(_) | Kind::Restart(_) => self.member.ready(START).await,
            Kind::Pause(_) => self.member.thaw(),
            Kind::ClockForward | Kind::ClockBack => self.member.shift_clock(0),
            Kind::DiskFull => self.member.fill_disk(false),
            _ => not_here(fault),
        }
    }

    pub(super) async fn heal(&self, limit: Duration) -> Result<()> {
        self.member.heal()?;
        self.member.ready(limit).await
    }

    pub(super) fn exits(&self) -> Vec<String> {
        self.member.exits()
    }

    pub(super) fn member(&self) -> &Member {
        &self.member
    }
}
