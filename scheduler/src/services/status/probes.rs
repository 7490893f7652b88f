//! The probes: each asks a part of the service for something real, all at once.

use std::time::Duration;

use levqor_egress::{EgressError, Request};
use levqor_objects::{Key, ObjectError, Objects};
use levqor_status::{
    Component, State,
    judge::{BACKLOG, MAIL, PATIENCE, SCHEDULES, answered, late, workers},
    write_and_read,
};
use levqor_store::{Fleet, Timestamp};
use tokio::time::{Instant, timeout};

use crate::context::Context;

/// What the probe of the object storage writes, and where.
const OBJECT: (&str, &str) = ("status/probe", "probe");

/// Every part, in the order it is shown.
pub(super) async fn all(context: &Context, now: Timestamp) -> Vec<Component> {
    let db = &context.platform.db;
    let (api, database, queue, beats, waiting, objects) = tokio::join!(
        api(context),
        timed("database", write_and_read(db)),
        timed("queue", context.queue.ping()),
        in_time("workers", context.beats()),
        in_time("backlog", db.fleet()),
        timed("objects", objects(context.platform.objects.as_ref())),
    );
    let unmeasured = |name: &str| Component::new(name, State::Unknown).because("could not be measured");
    let mut components = vec![
        api,
        answered("database", database),
        answered("queue", queue),
        beats.map_or_else(|| unmeasured("workers"), |beats| workers(&beats)),
    ];
    match waiting {
        Some(waiting) => components.extend(waits(context, &waiting, now)),
        None => components.extend(["backlog", "schedules", "mail"].map(unmeasured)),
    }
    components.push(answered("objects", objects));
    components
}

/// What waits, and for how long.
fn waits(context: &Context, waiting: &Fleet, now: Timestamp) -> [Component; 3] {
    let mail = if context.mailer.is_some() {
        late("mail", waiting.mails.oldest, now, MAIL)
    } else {
        Component::new("mail", State::Unknown).because("no mail is sent by this installation")
    };
    [
        late("backlog", waiting.backlog.oldest, now, BACKLOG).with("waiting", waiting.backlog.count),
        late("schedules", waiting.ticks.oldest, now, SCHEDULES),
        mail.with("waiting", waiting.mails.count),
    ]
}

/// The answer, unless it comes too late or is an error: the log says which.
async fn in_time<T, E: std::fmt::Display>(name: &str, work: impl Future<Output = Result<T, E>>) -> Option<T> {
    match timeout(PATIENCE, work).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(component = name, %error, "a probe failed");
            None
        }
        Err(_) => {
            tracing::warn!(
                component = name,
                seconds = PATIENCE.as_secs(),
                "a probe got no answer"
            );
            None
        }
    }
}

/// How long it took.
async fn timed<E: std::fmt::Display>(
    name: &str,
    work: impl Future<Output = Result<(), E>>,
) -> Option<Duration> {
    let started = Instant::now();
    in_time(name, work).await.map(|()| started.elapsed())
}

/// Written, read, compared, deleted.
async fn objects(objects: &dyn Objects) -> Result<(), ObjectError> {
    let (name, content) = OBJECT;
    let key = Key::new(name).ok_or_else(|| ObjectError::Setup("the probe has no name".to_owned()))?;
    objects.put(&key, content.into()).await?;
    let read = objects.get(&key).await?;
    objects.delete(&key).await?;
    if read.is_some_and(|read| read == content) {
        Ok(())
    } else {
        Err(ObjectError::Unavailable(
            "what was written was not read".to_owned(),
        ))
    }
}

/// By the way that callers take, where there is one; else the same question that the API asks itself.
async fn api(context: &Context) -> Component {
    let Some(url) = &context.platform.public_url else {
        return answered("api", timed("api", context.store.ping()).await);
    };
    let request = Request {
        method: "GET".to_owned(),
        url: format!("{url}/health/ready"),
        timeout: Some(PATIENCE),
        ..Request::default()
    };
    let started = Instant::now();
    match context.egress.send(request).await {
        Ok(answer) if answer.status == 200 => answered("api", Some(started.elapsed())),
        Ok(_) => Component::new("api", State::Down).because("is not ready"),
        Err(EgressError::Refused(reason)) => {
            tracing::debug!(reason, "the API cannot be probed by its public URL");
            Component::new("api", State::Unknown)
                .because("cannot be asked from inside: its address is private")
        }
        Err(error) => {
            tracing::warn!(component = "api", %error, "a probe failed");
            answered("api", None)
        }
    }
}
