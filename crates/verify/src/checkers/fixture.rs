//! A small history in which all is well: a run of each kind, two bursts' runs, a schedule with four ticks.

use serde_json::{Value, json};

use crate::history::{
    Answered, Call, Cancel, Capacity, Event, Fate, History, Kind, Notice, Priority, Reading, Run, Schedule,
    Sighting, Start, State, Step,
};

/// Ids of the runs that tests change.
pub(super) const STEPS: &str = "run-steps";
pub(super) const LISTEN: &str = "run-listen";
pub(super) const WAIT: &str = "run-wait";
pub(super) const LATER: &str = "run-later";

/// A time on the store's clock.
const NOW: i64 = 1_000_000_000_000;
const SECOND: i64 = 1_000_000;

pub(super) fn good() -> History {
    let mut history = History {
        capacity: Capacity {
            workers: 2,
            slots: 512,
        },
        ..History::default()
    };
    noop(&mut history);
    steps(&mut history);
    wait(&mut history);
    later(&mut history);
    listen(&mut history);
    cancel(&mut history);
    burst(&mut history);
    schedule(&mut history);
    history
}

/// The ticks in the order they were due.
pub(super) fn ticks(history: &History) -> Vec<&Run> {
    history.runs.iter().filter(|run| run.kind == Kind::Tick).collect()
}

fn answered(fate: Fate) -> Answered {
    Answered {
        sent: 0,
        at: 500,
        fate,
    }
}

fn add(history: &mut History, id: &str, kind: Kind, priority: Priority, input: Value) {
    let accepted = Fate::Accepted {
        run: id.to_owned(),
        replayed: false,
    };
    history.starts.push(Start {
        key: format!("key of {id}"),
        tenant: 0,
        kind,
        priority,
        input,
        run_at: None,
        callback: false,
        answers: vec![answered(accepted)],
        clash: None,
        waiting: None,
    });
    history.runs.push(Run {
        id: id.to_owned(),
        kind,
        workflow: kind.name().to_owned(),
        state: State::Completed,
        attempts: 1,
        created_at: NOW,
        run_at: None,
        started_at: Some(NOW + 10),
        ended_at: Some(NOW + SECOND),
        op: Some(format!("key of {id}")),
        output: None,
        error: None,
    });
}

fn step(number: u64, path: &str, task: &str, output: Option<Value>) -> Step {
    Step {
        number,
        path: path.to_owned(),
        task: task.to_owned(),
        attempt: 1,
        state: "completed".to_owned(),
        output,
        started_at: Some(NOW + 10),
        ended_at: Some(NOW + SECOND),
    }
}

fn noop(history: &mut History) {
    add(history, "run-noop", Kind::Noop, Priority::Normal, json!({}));
    history.starts[0].callback = true;
    history.notices.push(Notice {
        id: "run-noop-1".to_owned(),
        run: "run-noop".to_owned(),
        state: "completed".to_owned(),
        at: 9,
    });
    let journal = vec![step(1, "/do/0/only", "activity", None)];
    history.journals.insert("run-noop".to_owned(), journal);
}

fn steps(history: &mut History) {
    add(history, STEPS, Kind::Steps, Priority::Normal, json!({}));
    let mut journal = Vec::new();
    for n in 1..=3_u32 {
        let token = format!("token {n}");
        let begin = u64::from(n) * 100;
        history.calls.push(Call {
            token: token.clone(),
            run: STEPS.to_owned(),
            step: n,
            key: format!("{STEPS}:/do/{n}"),
            epoch: 1,
            attempt: 1,
            begin,
            end: begin + 50,
            status: Some(200),
        });
        let path = format!("/do/{n}/step/try@1/0/call");
        journal.push(step(n.into(), &path, "http", Some(json!({"token": token}))));
    }
    history.readings.push(Reading {
        run: STEPS.to_owned(),
        at: 7,
        steps: journal[..2].to_vec(),
    });
    history.journals.insert(STEPS.to_owned(), journal);
}

fn wait(history: &mut History) {
    add(
        history,
        WAIT,
        Kind::Wait,
        Priority::Normal,
        json!({"milliseconds": 500}),
    );
    history.sightings.push(Sighting {
        run: WAIT.to_owned(),
        at: 600_000,
        state: State::Completed,
        ended_at: Some(NOW + SECOND),
    });
    let journal = vec![step(1, "/do/0/pause", "wait", None)];
    history.journals.insert(WAIT.to_owned(), journal);
}

fn later(history: &mut History) {
    add(history, LATER, Kind::Later, Priority::Normal, json!({}));
    for (start, run) in history.starts.iter_mut().zip(&mut history.runs).rev().take(1) {
        (start.run_at, run.run_at) = (Some(NOW + 5), Some(NOW + 5));
    }
}

fn listen(history: &mut History) {
    add(history, LISTEN, Kind::Listen, Priority::Normal, json!({}));
    for start in history.starts.iter_mut().rev().take(1) {
        start.waiting = Some(100);
    }
    for n in 0..=2 {
        history.events.push(Event {
            op: format!("key of {LISTEN}"),
            id: format!("event {n}"),
            n,
            matched: Some(u64::from(n > 0)),
            answers: vec![answered(Fate::Done)],
        });
    }
    let journal = (1..=2)
        .map(|n| step(n, &format!("/do/{n}/listen"), "listen", Some(json!([{"n": n}]))))
        .collect();
    history.journals.insert(LISTEN.to_owned(), journal);
}

fn cancel(history: &mut History) {
    add(history, "run-cancel", Kind::Cancel, Priority::Normal, json!({}));
    for run in history.runs.iter_mut().rev().take(1) {
        run.state = State::Cancelled;
    }
    history.cancels.push(Cancel {
        op: "key of run-cancel".to_owned(),
        run: "run-cancel".to_owned(),
        answers: vec![answered(Fate::Done)],
    });
}

fn burst(history: &mut History) {
    add(history, "run-low", Kind::Burst, Priority::Low, json!({}));
    for run in history.runs.iter_mut().rev().take(1) {
        run.started_at = Some(NOW + SECOND / 2);
    }
    add(history, "run-high", Kind::Burst, Priority::High, json!({}));
}

fn schedule(history: &mut History) {
    let period = 3 * SECOND;
    let since = NOW - NOW % period + SECOND;
    for n in 1..=4 {
        let due = since - SECOND + n * period;
        add(
            history,
            &format!("tick-{n}"),
            Kind::Tick,
            Priority::Normal,
            json!({}),
        );
        let _nobody_asked = history.starts.pop();
        for run in history.runs.iter_mut().rev().take(1) {
            (run.run_at, run.started_at) = (Some(due), Some(due + 10));
            (run.op, run.created_at, run.ended_at) = (None, due, Some(due + 20));
        }
    }
    history.schedules.push(Schedule {
        workflow: Kind::Tick.name().to_owned(),
        period,
        anchored: true,
        since,
        until: since - SECOND + 4 * period + SECOND,
    });
}
