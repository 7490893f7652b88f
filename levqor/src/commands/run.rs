//! `levqor run`: one document to its end, in an engine that is thrown away.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use levqor_engine::{StepView, WorkflowError, steps};
use levqor_store::{
    IdSource, IntakeFate, NewRun, NewWorkflow, RunId, RunState, RunView, Store, Tenant, TenantId, WorkflowId,
};
use levqor_workflow::Known;

use crate::{config::Config, system::SystemIds, wiring};

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What to run.
pub(crate) struct Arguments<'a> {
    pub(crate) document: &'a Path,
    pub(crate) input: &'a str,
    pub(crate) limit: u64,
    pub(crate) quiet: bool,
}

/// Prints the output, or the error with the pointer of the task that failed and exit code 1.
pub(crate) async fn run(mut config: Config, arguments: Arguments<'_>) -> anyhow::Result<ExitCode> {
    // Nobody asks for the status of an engine that is thrown away, or for more workers.
    config.status_interval = Duration::ZERO;
    config.autoscaler.0.on = false;
    let _lines = wiring::logs(&config)?;
    let Some(document) = read_document(arguments.document)? else {
        return Ok(ExitCode::FAILURE);
    };
    let input = read_input(arguments.input)?;
    let opened = wiring::open_temporary().await?;
    let parts = wiring::Parts::new(config, "run", opened.store.clone()).await?;
    let worker = wiring::worker::start(&parts).await?;
    let scheduler = wiring::scheduler::start(&parts);
    let (tenant, id) = accept(&parts, document, input).await?;
    let follow = follow(opened.store.as_ref(), tenant, id, arguments.quiet);
    let ended = tokio::time::timeout(Duration::from_secs(arguments.limit), follow).await;
    scheduler.stop().await;
    worker.abort().await;
    drop(parts);
    opened.close().await;
    match ended {
        Ok(run) => report(&run?),
        Err(_) => bail!("the run has not ended within {} s (--limit)", arguments.limit),
    }
}

/// The document, or None when problems were printed.
fn read_document(file: &Path) -> anyhow::Result<Option<levqor_workflow::model::Definition>> {
    let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let names = levqor_worker::registry()
        .describe()
        .iter()
        .map(|activity| activity.name.to_owned())
        .collect();
    match levqor_workflow::parse(
        &text,
        &Known {
            activities: Some(names),
            ..Known::default()
        },
    ) {
        Ok(definition) => Ok(Some(definition)),
        Err(problems) => {
            for problem in &problems {
                super::validate::print(&file.display().to_string(), problem);
            }
            Ok(None)
        }
    }
}

/// JSON text, checked.
fn read_input(input: &str) -> anyhow::Result<Vec<u8>> {
    let text = match input.strip_prefix('@') {
        Some(file) => fs::read(file).with_context(|| format!("{file} cannot be read"))?,
        None if input == "-" => {
            let mut text = Vec::new();
            io::stdin().read_to_end(&mut text)?;
            text
        }
        None => input.as_bytes().to_vec(),
    };
    serde_json::from_slice::<serde_json::Value>(&text).context("--input is not JSON")?;
    Ok(text)
}

/// Stores the document and starts its one run.
async fn accept(
    parts: &wiring::Parts,
    definition: levqor_workflow::model::Definition,
    input: Vec<u8>,
) -> anyhow::Result<(TenantId, RunId)> {
    let store = &parts.store;
    let tenant = TenantId(SystemIds.uuid_v7());
    store
        .create_tenant(&Tenant {
            id: tenant,
            name: "run".to_owned(),
            plan: "enterprise".to_owned(),
        })
        .await?;
    let document = levqor_workflow::canonical(&definition);
    let workflow = WorkflowId(SystemIds.uuid_v7());
    let new = NewWorkflow {
        id: workflow,
        tenant,
        namespace: definition.document.namespace,
        name: definition.document.name,
        version: definition.document.version,
        hash: levqor_workflow::hash(&document),
        document,
        schedule: None,
    };
    store.put_workflow(&new).await?;
    let id = RunId(SystemIds.uuid_v7());
    let run = NewRun {
        id,
        tenant,
        workflow,
        priority: 1,
        run_at: None,
        input,
        callback_url: None,
        idempotency: None,
        key: None,
        trace: None,
    };
    let fates = store.intake(SystemIds.uuid_v7(), &[run]).await?;
    anyhow::ensure!(
        fates == [IntakeFate::Accepted { ready: true }],
        "the run was not accepted: {fates:?}"
    );
    // The scheduler would find the run as well; the hint only saves the wait.
    parts
        .queue
        .push(1, &[levqor_queue::Hint { run: id.0, epoch: 0 }])
        .await?;
    Ok((tenant, id))
}

/// Waits for the end and tells of each step meanwhile.
async fn follow(store: &dyn Store, tenant: TenantId, id: RunId, quiet: bool) -> anyhow::Result<RunView> {
    let mut told = 0;
    loop {
        let run = store.run(tenant, id).await?.context("the run is gone")?;
        if !quiet {
            told = tell(store, tenant, id, told).await?;
        }
        if run.state.ended() {
            return Ok(run);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Tells of steps that are over, after the first `told`; how many have been told of now.
async fn tell(store: &dyn Store, tenant: TenantId, id: RunId, told: usize) -> anyhow::Result<usize> {
    let Some(journal) = store.journal(tenant, id).await? else {
        return Ok(told);
    };
    let steps = steps(&levqor_engine::journal::decode(&journal)?);
    let over: Vec<&StepView> = steps.iter().filter(|step| step.ended_at.is_some()).collect();
    for step in over.iter().skip(told) {
        eprintln!("{:>10}  {}", step.state, step.path);
    }
    Ok(over.len())
}

fn report(run: &RunView) -> anyhow::Result<ExitCode> {
    if run.state == RunState::Completed {
        let output: serde_json::Value = serde_json::from_slice(run.output.as_deref().unwrap_or(b"null"))?;
        println!("{}", serde_json::to_string_pretty(&output)?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(error) = run.error.as_deref() else {
        bail!("the run is {}", run.state.as_str())
    };
    let error: WorkflowError = serde_json::from_slice(error)?;
    let place = error.instance.as_deref().unwrap_or("/");
    eprintln!(
        "levqor: {} at {place}: {} ({})",
        run.state.as_str(),
        describe(&error),
        error.r#type
    );
    Ok(ExitCode::FAILURE)
}

fn describe(error: &WorkflowError) -> String {
    let parts = [error.title.as_deref(), error.detail.as_deref()];
    let text: Vec<&str> = parts.into_iter().flatten().collect();
    if text.is_empty() {
        format!("error {}", error.status)
    } else {
        text.join(": ")
    }
}
