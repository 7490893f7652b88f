//! Faults of an installation elsewhere are the commands its operator gave.

use std::fs;

use levqor_testkit::{Answer, LocalServer, TempFolder};
use levqor_verify::faults::Link;

use super::*;

async fn server() -> LocalServer {
    LocalServer::start(|_| Answer::json("{}")).await.unwrap()
}

fn outside(server: &LocalServer, commands: &[(Kind, String)]) -> Installation {
    Installation::outside(&server.url(), "key", commands.to_vec())
}

#[tokio::test]
async fn the_command_of_a_fault_is_run_and_others_are_skipped() {
    let (server, folder) = (server().await, TempFolder::new().unwrap());
    let file = folder.path().join("done");
    let kind = Kind::Partition(Link::Postgres);
    let command = format!("echo $FAULT $FAULT_SECONDS > {}", file.display());
    let installation = outside(&server, &[(kind, command)]);
    assert_eq!(installation.kinds(), [kind]);
    let mut short = fault(kind);
    short.lasts = Duration::from_millis(1_100);
    let told = played(&installation, &[short, fault(Kind::DiskFull)]).await;
    assert_eq!(fs::read_to_string(file).unwrap(), "partition-postgres 2\n");
    let reason = Phase::Skipped("no command was given for it".to_owned());
    let expected = [
        (kind, Phase::Begin),
        (kind, Phase::End),
        (Kind::DiskFull, Phase::Begin),
        (Kind::DiskFull, reason),
    ];
    assert_eq!(told, expected);
    installation.heal(HEAL).await.unwrap();
}

#[tokio::test]
async fn a_fault_is_over_when_its_command_is() {
    let (server, folder) = (server().await, TempFolder::new().unwrap());
    let go = folder.path().join("go");
    let kind = Kind::Kill(Role::Worker);
    let command = format!("until [ -e {} ]; do sleep 0.01; done", go.display());
    let installation = outside(&server, &[(kind, command)]);
    let (events, mut told) = unbounded_channel::<Event>();
    let plan = [(Duration::ZERO, fault(kind))];
    let end = async {
        assert_eq!(told.recv().await.unwrap().phase, Phase::Begin);
        assert!(told.try_recv().is_err());
        fs::write(go, "").unwrap();
        assert_eq!(told.recv().await.unwrap().phase, Phase::End);
    };
    let (ended, ()) = tokio::join!(play(&plan, &installation, &events), end);
    ended.unwrap();
}

#[tokio::test]
async fn a_command_that_fails_ends_the_play_with_its_name() {
    let server = server().await;
    let kind = Kind::Restart(Role::Api);
    let installation = outside(&server, &[(kind, "exit 3".to_owned())]);
    let (events, _told) = unbounded_channel();
    let failed = play(&[(Duration::ZERO, fault(kind))], &installation, &events).await;
    let failed = format!("{:#}", failed.unwrap_err());
    assert!(failed.contains("restart-api") && failed.contains('3'), "{failed}");
}
