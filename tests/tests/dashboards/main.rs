//! Dashboards and alerts on a real Prometheus that scrapes a real fleet at work.

mod boards;
mod load;

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use boards::{file, queries};
use levqor_testkit::{Prometheus, eventually};
use levqor_tests::{Client, Fleet, Role};
use load::{Load, Outside, mishaps};
use reqwest::{Method, Url};
use serde_json::Value;

/// The leader looks at the whole every 15 seconds.
const SOON: Duration = Duration::from_secs(45);

/// What the load has come to pass: figures that stay 0 would make panels full of nothing.
const HAPPENED: [&str; 28] = [
    "levqor_runs_ended_total{state=\"completed\"}",
    "levqor_runs_ended_total{state=\"faulted\"}",
    "levqor_runs{state=\"waiting\"}",
    "levqor_timers_fired_total",
    "levqor_ticks_total",
    "levqor_tick_drift_seconds_count",
    "levqor_timer_lateness_seconds_count",
    "levqor_parks_total",
    "levqor_attempts_failed_total",
    "levqor_step_duration_seconds_count{activity=\"http\", outcome=\"failed\"}",
    "levqor_expression_helper_deaths_total",
    "levqor_commits_failed_total",
    "levqor_callbacks_sent_total",
    "levqor_callbacks_failed_total",
    "levqor_events_ingested_total",
    "levqor_mails_sent_total",
    "levqor_workers_buried_total",
    "levqor_runs_rescued_total",
    "levqor_fleet_workers",
    "levqor_desired_workers",
    "levqor_booked_value_minor_units_total{workflow=\"test/sell\"}",
    "levqor_booked_cost_minor_units_total{kind=\"worker\"}",
    "levqor_booked_cost_minor_units_total{kind=\"calls\"}",
    "levqor_booked_cost_minor_units_total{kind=\"mails\", workflow=\"none\"}",
    "levqor_margin_today_minor_units",
    "levqor_budgets{state=\"exhausted\"}",
    "levqor_budget_refusals_total",
    "levqor_budget_stops_total",
];

/// A fleet whose processes all serve their metrics, and their addresses.
async fn observed(outside: &Outside) -> Result<(Fleet, Vec<String>)> {
    let mail = outside.mail();
    let settings = [
        ("LEVQOR_PUBLIC_URL", "https://levqor.test"),
        ("LEVQOR_MAIL", mail.as_str()),
        ("LEVQOR_MAIL_FROM", "Levqor <noreply@levqor.test>"),
    ];
    let fleet = Fleet::prepare_with(&settings).await?;
    fleet.add(Role::Api).await?;
    let api = fleet.client.url().strip_prefix("http://").context("no http://")?;
    let mut targets = vec![api.to_owned()];
    for role in [Role::Worker, Role::Worker, Role::Scheduler] {
        targets.push(fleet.add_observed(role).await?);
    }
    Ok((fleet, targets))
}

/// What Prometheus answers to a path with this query; its errors are errors.
async fn ask(prometheus: &Client, path: &str, query: &[(&str, &str)]) -> Result<Value> {
    let url = Url::parse_with_params(&format!("{}{path}", prometheus.url()), query)?;
    let asked = url.query().unwrap_or_default();
    let request = prometheus.anonymous(Method::GET, &format!("{path}?{asked}"));
    let answer: Value = request.send().await?.json().await?;
    ensure!(answer["status"] == "success", "{query:?}: {answer}");
    Ok(answer["data"].clone())
}

/// Whether a query gives at least one figure that is a number.
async fn shows(prometheus: &Client, expression: &str) -> Result<bool> {
    let data = ask(prometheus, "/api/v1/query", &[("query", expression)]).await?;
    let samples = data["result"].as_array().context("no vector")?;
    Ok(samples.iter().any(|sample| sample["value"][1] != "NaN"))
}

async fn shows_soon(prometheus: &Client, expression: &str) -> Result<()> {
    // What is wrong with a query is wrong at once.
    shows(prometheus, expression).await?;
    let shown = async || shows(prometheus, expression).await.is_ok_and(|shown| shown);
    eventually(SOON, shown)
        .await
        .with_context(|| expression.to_owned())
}

/// Rules that were evaluated without an error, and all there are.
async fn healthy_rules(prometheus: &Client) -> Result<(usize, usize)> {
    let data = ask(prometheus, "/api/v1/rules", &[]).await?;
    let groups = data["groups"].as_array().context("no groups")?;
    let rules: Vec<&Value> = groups
        .iter()
        .filter_map(|group| group["rules"].as_array())
        .flatten()
        .collect();
    let healthy = rules.iter().filter(|rule| rule["health"] == "ok").count();
    Ok((healthy, rules.len()))
}

/// What promtool finds in the metrics of a process.
async fn lint(target: &str) -> Result<()> {
    let process = Client::new(&format!("http://{target}"), "")?;
    let answer = process.anonymous(Method::GET, "/metrics").send().await?;
    let metrics = answer.error_for_status()?.text().await?;
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    promtool
        .stdin
        .take()
        .context("no stdin")?
        .write_all(metrics.as_bytes())?;
    let found = promtool.wait_with_output()?;
    let said = [found.stdout, found.stderr].concat();
    let clean = found.status.success() && said.is_empty();
    ensure!(clean, "{target}: {}", String::from_utf8_lossy(&said));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_panel_is_empty_and_no_rule_fails_while_a_fleet_works() -> Result<()> {
    let outside = Arc::new(Outside::start().await?);
    let (fleet, targets) = observed(&outside).await?;
    let server = Prometheus::start(&targets, &file("helm/levqor/rules/alerts.yaml")?).await?;
    let prometheus = Client::new(&server.url(), "")?;
    let _load = Load::start(&fleet, &outside).await?;
    for target in &targets {
        lint(target).await?;
    }
    mishaps(&fleet).await?;
    for figure in HAPPENED {
        shows_soon(&prometheus, &format!("{figure} > 0")).await?;
    }
    for query in queries()? {
        let shown = shows_soon(&prometheus, &query.expression).await;
        shown.with_context(|| format!("{} is empty", query.place))?;
    }
    let all = async || {
        healthy_rules(&prometheus)
            .await
            .is_ok_and(|(healthy, all)| healthy == all && all > 0)
    };
    eventually(SOON, all).await.context("a rule is not evaluated")?;
    // The first worker is dead; the others have more to show by now.
    for target in targets.iter().filter(|target| **target != targets[1]) {
        lint(target).await?;
    }
    Ok(())
}
