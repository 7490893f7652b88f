//! Documents the tests run.

/// `test/noop`: one activity.
pub fn noop() -> String {
    document("noop", "do:\n  - only: { call: noop }\n")
}

/// `test/three-calls`: three HTTP calls to `POST {base}/step/N`, each with the run's id and the step's number.
/// A call that fails to reach the server is tried again.
pub fn three_calls(base: &str) -> String {
    let steps: String = (1..=3).map(|n| call(base, n)).collect();
    document("three-calls", &format!("do:\n{steps}"))
}

fn call(base: &str, n: u8) -> String {
    format!(
        "  - step{n}:
      call: http
      with:
        method: post
        endpoint: {base}/step/{n}
        body: {{ run: '${{ $workflow.id }}', step: {n} }}
"
    )
}

/// `test/sleeper`: one activity that sleeps as long as the input's `milliseconds`.
pub fn sleeper() -> String {
    document(
        "sleeper",
        "do:\n  - nap: { call: sleep, with: { milliseconds: '${ .milliseconds }' } }\n",
    )
}

/// `test/ticking`: started every second by its schedule.
pub fn ticking() -> String {
    document(
        "ticking",
        "schedule: { cron: '* * * * * *' }\ndo:\n  - only: { call: noop }\n",
    )
}

fn document(name: &str, rest: &str) -> String {
    format!("document: {{ dsl: 1.0.3, namespace: test, name: {name}, version: 1.0.0 }}\n{rest}")
}
