//! The nemesis really does what it says, and undoes it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod embedded;
mod fleet;
mod outside;

use std::time::Duration;

use levqor_testkit::{eventually, levqor_binary};
use levqor_verify::{
    faults::{Fault, Kind, Role},
    installation::{Installation, Running, Settings},
    nemesis::{Event, Phase, play},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

const SOON: Duration = Duration::from_secs(20);
const HEAL: Duration = Duration::from_mins(1);

fn settings() -> Settings {
    Settings::new(levqor_binary().unwrap())
}

/// A fault on everybody, for 5 s unless it is over at once, and 100 s large.
fn fault(kind: Kind) -> Fault {
    let instant = matches!(kind, Kind::Kill(_) | Kind::Restart(_) | Kind::RedisFlush);
    Fault {
        kind,
        whom: Role::All,
        nth: 0,
        lasts: if instant {
            Duration::ZERO
        } else {
            Duration::from_secs(5)
        },
        by: Duration::from_secs(100),
    }
}

/// Plays faults at once and answers what was told.
async fn played(installation: &Installation, faults: &[Fault]) -> Vec<(Kind, Phase)> {
    let (events, told) = unbounded_channel();
    let plan: Vec<_> = faults.iter().map(|fault| (Duration::ZERO, *fault)).collect();
    play(&plan, installation, &events).await.unwrap();
    drop(events);
    all(told).await
}

async fn all(mut told: UnboundedReceiver<Event>) -> Vec<(Kind, Phase)> {
    let mut events = Vec::new();
    while let Some(event) = told.recv().await {
        events.push((event.fault.kind, event.phase));
    }
    events
}

/// Plays one fault that lasts, and waits for `seen` to come true before it is over.
async fn during<F: Future<Output = bool>>(
    installation: &Installation,
    fault: Fault,
    seen: impl FnMut() -> F,
) {
    let (events, _told) = unbounded_channel();
    let lasting = Fault { lasts: SOON, ..fault };
    let plan = [(Duration::ZERO, lasting)];
    tokio::select! {
        ended = play(&plan, installation, &events) => panic!("{fault} was over first: {ended:?}"),
        seen = eventually(SOON, seen) => seen.unwrap(),
    }
    installation.heal(HEAL).await.unwrap();
}

/// Seconds since 1970 by the clock of the first API, from the header `date`.
async fn date(installation: &Installation) -> i64 {
    let address = installation.apis()[0].strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let date = answer
        .lines()
        .find_map(|line| line.strip_prefix("date: "))
        .unwrap();
    jiff::fmt::rfc2822::parse(date).unwrap().timestamp().as_second()
}

async fn of(installation: &Installation, role: Role) -> Vec<Running> {
    let running = installation.processes().await;
    running
        .into_iter()
        .filter(|process| process.role == role)
        .collect()
}

async fn pids(installation: &Installation, role: Role) -> Vec<u32> {
    of(installation, role)
        .await
        .iter()
        .map(|process| process.pid.unwrap())
        .collect()
}
