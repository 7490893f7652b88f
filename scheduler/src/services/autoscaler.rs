//! Decides, every fifteen seconds of the store's time, how many workers there should be; writes the decision down with all
//! that it follows from, then publishes it.

mod asked;
mod classes;
mod due;
mod worth;

use std::time::Duration;

use async_trait::async_trait;
use levqor_autoscaler::{Autoscaler, Decision, Fleet, Observation, Settings};
use levqor_store::{Decided, DecisionId, StoreError, Timestamp};

use crate::{
    context::Context,
    service::{Pace, Service},
};
use asked::Asked;
use classes::Classes;

/// Longest pause between two looks at the clock, which may be turned.
const LOOK: Duration = Duration::from_secs(1);

/// What a term of leadership knows. It may be lost: estimates fill again within minutes.
#[derive(Default)]
pub(crate) struct Autoscale {
    rule: Option<Autoscaler>,
    /// When what arrived and ended was taken last.
    last: Option<Timestamp>,
    classes: Classes,
    asked: Asked,
}

impl Autoscale {
    /// What is seen, over the time since `last`.
    async fn observe(
        &mut self,
        context: &Context,
        last: Timestamp,
        now: Timestamp,
    ) -> Result<Observation, StoreError> {
        let settings = &context.options.autoscaling.settings;
        let flow = context.platform.db.take_flow().await?;
        let load = context.platform.db.load().await?;
        let due = due::ahead(context, now, settings.startup_s + 2.0 * settings.interval_s).await?;
        Ok(Observation {
            interval_s: now.since(last).as_secs_f64(),
            fleet: self.fleet(context, now).await?,
            worker_micros_per_hour: context.options.accounting.prices.worker_hour,
            classes: self.classes.observe(context, &flow, &load, due).await?,
        })
    }

    async fn fleet(&mut self, context: &Context, now: Timestamp) -> Result<Fleet, StoreError> {
        let beats = context.beats().await?;
        let slots = beats
            .iter()
            .filter_map(|beat| u32::try_from(beat.slots).ok())
            .max();
        let ready = u32::try_from(beats.len()).unwrap_or(u32::MAX);
        let startup = context.options.autoscaling.settings.startup_s;
        Ok(Fleet {
            slots: slots.unwrap_or(context.options.autoscaling.slots).max(1),
            ready,
            starting_s: self.asked.starting(ready, now, startup),
            draining: 0,
        })
    }

    fn decide(&mut self, settings: &Settings, seen: &Observation) -> Result<Decision, StoreError> {
        let refused = |error| StoreError::Setup(format!("settings of the autoscaler: {error}"));
        let rule = match &mut self.rule {
            Some(rule) => rule,
            none => none.insert(Autoscaler::new(settings.clone()).map_err(refused)?),
        };
        Ok(rule.look(seen))
    }

    async fn look(&mut self, context: &Context, last: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let seen = self.observe(context, last, now).await?;
        let decision = self.decide(&context.options.autoscaling.settings, &seen)?;
        record(context, now, &decision).await?;
        self.asked.ask(decision.desired, seen.fleet.ready, now);
        *context.stats.autoscaler.lock() = Some(decision);
        Ok(())
    }
}

async fn record(context: &Context, at: Timestamp, decision: &Decision) -> Result<(), StoreError> {
    let text = serde_json::to_string(decision)
        .map_err(|error| StoreError::Corrupt(format!("a decision of the autoscaler: {error}")))?;
    let row = Decided {
        id: DecisionId(context.platform.ids.uuid_v7()),
        at,
        term: context.term,
        desired: decision.desired.into(),
        reason: decision.reason.code().to_owned(),
        decision: text,
    };
    context.platform.db.record_decision(row).await
}

#[async_trait]
impl Service for Autoscale {
    const NAME: &'static str = "autoscaler";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let settings = &context.options.autoscaling.settings;
        let interval = Duration::from_secs_f64(settings.interval_s);
        let now = context.about_now().await?;
        if self.last.is_some_and(|last| now.since(last) < interval) {
            return Ok(Pace::After(LOOK.min(interval / 4)));
        }
        // What was counted before this term began, or while it is off, is over no known time.
        match self.last.replace(now) {
            Some(last) if context.options.autoscaling.on => self.look(context, last, now).await?,
            _ => drop(context.platform.db.take_flow().await?),
        }
        Ok(Pace::After(LOOK.min(interval / 4)))
    }
}

#[cfg(test)]
mod tests;
