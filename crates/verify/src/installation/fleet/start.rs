//! Starts a fleet: servers, tables, a key, then the roles.

use std::path::Path;

use anyhow::{Context, Result};
use levqor_testkit::{Process, free_port};
use serde_json::Value;

use super::{Fleet, lines::Lines, servers::Servers};
use crate::{
    faults::Role,
    installation::{
        START, Settings,
        member::{Member, Spec},
    },
};

impl Fleet {
    pub(in crate::installation) async fn start(settings: &Settings) -> Result<Self> {
        let servers = Servers::start().await?;
        let key = prepare(settings, &servers).await?;
        let roles = [
            (Role::Api, settings.apis),
            (Role::Worker, settings.workers),
            (Role::Scheduler, settings.schedulers),
        ];
        let (mut members, mut apis) = (Vec::new(), Vec::new());
        for role in roles
            .into_iter()
            .flat_map(|(role, count)| std::iter::repeat_n(role, count))
        {
            let address = format!("127.0.0.1:{}", free_port()?);
            let lines = Lines::new(&servers).await?;
            members.push((
                Member::start(spec(settings, role, &address, lines.urls(&servers)))?,
                lines,
            ));
            if role == Role::Api {
                apis.push(format!("http://{address}"));
            }
        }
        for (member, _) in &members {
            member.ready(START).await?;
        }
        Ok(Self {
            members,
            servers,
            apis,
            key,
        })
    }
}

/// Tables and a key, over lines that nothing happens to.
async fn prepare(settings: &Settings, servers: &Servers) -> Result<String> {
    let mut environment = settings.environment.clone();
    environment.extend(urls((servers.database.clone(), servers.redis.url())));
    finish(&settings.binary, &["migrate"], &environment).await?;
    let created = finish(&settings.binary, &["key", "create"], &environment).await?;
    let created: Value = serde_json::from_str(&created)?;
    Ok(created["api_key"].as_str().context("no api_key")?.to_owned())
}

fn spec(settings: &Settings, role: Role, address: &str, lines: (String, String)) -> Spec {
    let listen = match role {
        Role::Worker | Role::Scheduler => "LEVQOR_METRICS_LISTEN",
        Role::All | Role::Api => "LEVQOR_LISTEN",
    };
    let mut environment = settings.environment.clone();
    environment.extend(urls(lines));
    environment.push((listen.to_owned(), address.to_owned()));
    Spec {
        role,
        binary: settings.binary.clone(),
        arguments: vec![role.to_string()],
        environment,
        address: address.to_owned(),
    }
}

fn urls((database, redis): (String, String)) -> [(String, String); 2] {
    [
        ("LEVQOR_DATABASE_URL".to_owned(), database),
        ("LEVQOR_REDIS_URL".to_owned(), redis),
    ]
}

/// Runs a command of the program to its end; its standard output.
async fn finish(binary: &Path, arguments: &[&str], environment: &[(String, String)]) -> Result<String> {
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let process = Process::start(binary, arguments, &environment)?;
    let ended = process.succeed(START).await;
    ended.with_context(|| format!("{arguments:?}"))
}
