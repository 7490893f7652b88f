//! Activities by name.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use schemars::{Schema, schema_for};
use serde::Serialize;
use serde_json::Value;

use super::{Activity, ActivityError, Context};

/// What people are told of an activity.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The name a document calls.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// JSON Schema of `with`.
    pub input: Schema,
    /// JSON Schema of the task's output.
    pub output: Schema,
}

/// An activity whose types are JSON at the seam.
#[async_trait]
pub(crate) trait AnyActivity: Send + Sync {
    fn describe(&self) -> Description;
    async fn run_json(&self, input: Value, ctx: &Context) -> Result<Value, ActivityError>;
}

#[async_trait]
impl<A: Activity> AnyActivity for A {
    fn describe(&self) -> Description {
        Description {
            name: A::NAME,
            about: A::ABOUT,
            input: schema_for!(A::Input),
            output: schema_for!(A::Output),
        }
    }

    async fn run_json(&self, input: Value, ctx: &Context) -> Result<Value, ActivityError> {
        let input = serde_json::from_value(input).map_err(|e| ActivityError::invalid_input(e.to_string()))?;
        let output = self.run(input, ctx).await?;
        serde_json::to_value(output)
            .map_err(|e| ActivityError::fail(e.to_string()).title("Output is not JSON"))
    }
}

/// Why an activity cannot be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// There is none of this name.
    Unknown,
    /// Only our own processes call it.
    Reserved,
}

/// The activities documents may call. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    activities: Arc<BTreeMap<&'static str, Arc<dyn AnyActivity>>>,
    ours: Arc<BTreeMap<&'static str, Arc<dyn AnyActivity>>>,
}

impl Registry {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and one more; one of the same name is replaced.
    pub fn with<A: Activity>(mut self, activity: A) -> Self {
        Arc::make_mut(&mut self.activities).insert(A::NAME, Arc::new(activity));
        self
    }

    /// These, and those of `ours` for our own processes only: steps that do no harm in their order would do some out of
    /// it, in a document that anybody may write.
    pub fn with_ours(mut self, ours: Self) -> Self {
        self.ours = ours.activities;
        self
    }

    /// Those that every document may call, in order of their names, for the API and the command line to list.
    pub fn describe(&self) -> Vec<Description> {
        self.activities
            .values()
            .map(|activity| activity.describe())
            .collect()
    }

    /// Those that only our own processes call, in order of their names.
    pub fn describe_ours(&self) -> Vec<Description> {
        self.ours.values().map(|activity| activity.describe()).collect()
    }

    /// Whether every document may call it.
    pub fn contains(&self, name: &str) -> bool {
        self.activities.contains_key(name)
    }

    /// The activity of this name, when there is one that the document may call; `ours` says that it is one of our own.
    pub(crate) fn get(&self, name: &str, ours: bool) -> Result<Arc<dyn AnyActivity>, Unavailable> {
        match (self.activities.get(name), self.ours.get(name)) {
            (Some(activity), _) => Ok(activity.clone()),
            (None, Some(activity)) if ours => Ok(activity.clone()),
            (None, Some(_)) => Err(Unavailable::Reserved),
            (None, None) => Err(Unavailable::Unknown),
        }
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.activities.keys().chain(self.ours.keys()))
            .finish()
    }
}
