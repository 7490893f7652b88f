//! Roles as processes on a Postgres and a Redis of their own.

mod lines;
mod servers;
mod start;

use std::time::Duration;

use anyhow::Result;

use self::{lines::Lines, servers::Servers};
use super::{Begun, START, member::Member};
use crate::faults::{Fault, Kind, Role};

pub(super) struct Fleet {
    /// Each with the lines by which it reaches the servers. Before the servers: processes end first.
    members: Vec<(Member, Lines)>,
    servers: Servers,
    apis: Vec<String>,
    key: String,
}

impl Fleet {
    pub(super) fn apis(&self) -> &[String] {
        &self.apis
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) async fn begin(&self, fault: &Fault) -> Result<Begun> {
        match fault.kind {
            Kind::Kill(role) => {
                for member in self.chosen(role, fault.nth) {
                    member.kill().await?;
                }
            }
            Kind::Pause(role) => self.chosen(role, fault.nth).try_for_each(Member::freeze)?,
            Kind::Restart(role) => {
                for member in self.chosen(role, fault.nth) {
                    member.terminate().await?;
                }
            }
            Kind::ClockForward | Kind::ClockBack => return self.shift_clocks(fault).await,
            Kind::RedisFlush
            | Kind::RedisRestart
            | Kind::PostgresRestart
            | Kind::PostgresCrash
            | Kind::DiskFull => return self.servers.begin(fault).await,
            Kind::Partition(link)
            | Kind::Cut(link)
            | Kind::Slow(link)
            | Kind::HalfOpen(link)
            | Kind::LostRequests(link)
            | Kind::LostReplies(link) => self
                .lines_of(fault.whom)
                .for_each(|lines| lines.harm(link, fault)),
        }
        Ok(Begun::Done)
    }

    pub(super) async fn end(&self, fault: &Fault) -> Result<()> {
        match fault.kind {
            Kind::Kill(role) | Kind::Restart(role) => {
                for member in self.chosen(role, fault.nth) {
                    member.ready(START).await?;
                }
            }
            Kind::Pause(role) => self.chosen(role, fault.nth).try_for_each(Member::thaw)?,
            Kind::ClockForward | Kind::ClockBack => self.set_clocks(fault.whom, 0)?,
            Kind::RedisFlush
            | Kind::RedisRestart
            | Kind::PostgresRestart
            | Kind::PostgresCrash
            | Kind::DiskFull => {
                self.servers.end(fault).await?;
            }
            Kind::Partition(link)
            | Kind::Cut(link)
            | Kind::Slow(link)
            | Kind::HalfOpen(link)
            | Kind::LostRequests(link)
            | Kind::LostReplies(link) => {
                self.lines_of(fault.whom).for_each(|lines| lines.heal(link));
            }
        }
        Ok(())
    }

    pub(super) async fn heal(&self, limit: Duration) -> Result<()> {
        self.members().try_for_each(Member::heal)?;
        self.lines_of(Role::All).for_each(Lines::heal_all);
        self.servers.heal().await?;
        for member in self.members() {
            member.ready(limit).await?;
        }
        Ok(())
    }

    pub(super) fn exits(&self) -> Vec<String> {
        self.members().flat_map(Member::exits).collect()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().map(|(member, _)| member)
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &(Member, Lines)> {
        self.members
            .iter()
            .filter(move |(member, _)| role == Role::All || member.role() == role)
    }

    /// All of all roles, or one of one role.
    fn chosen(&self, role: Role, nth: usize) -> impl Iterator<Item = &Member> {
        let count = self.of(role).count();
        let (first, how_many) = match role {
            Role::All => (0, count),
            _ => (nth.checked_rem(count).unwrap_or(0), 1),
        };
        self.of(role).map(|(member, _)| member).skip(first).take(how_many)
    }

    fn lines_of(&self, role: Role) -> impl Iterator<Item = &Lines> {
        self.of(role).map(|(_, lines)| lines)
    }

    fn set_clocks(&self, whom: Role, seconds: i64) -> Result<()> {
        if whom == Role::All {
            self.servers.shift_clock(seconds)?;
        }
        self.of(whom)
            .try_for_each(|(member, _)| member.shift_clock(seconds))
    }

    async fn shift_clocks(&self, fault: &Fault) -> Result<Begun> {
        for (member, _) in self.of(fault.whom) {
            if let Some(reason) = member.disobeys().await {
                return Ok(Begun::Skipped(reason));
            }
        }
        if fault.whom == Role::All
            && let Some(reason) = self.servers.disobeys().await
        {
            return Ok(Begun::Skipped(reason));
        }
        self.set_clocks(fault.whom, fault.seconds())?;
        Ok(Begun::Done)
    }
}
