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

/// The activities documents may call. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    activities: Arc<BTreeMap<&'static str, Arc<dyn AnyActivity>>>,
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

    /// All, in order of their names, for the API and the command line to list.
    pub fn describe(&self) -> Vec<Description> {
        self.activities
            .values()
            .map(|activity| activity.describe())
            .collect()
    }

    /// Whether documents may call it.
    pub fn contains(&self, name: &str) -> bool {
        self.activities.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<dyn AnyActivity>> {
        self.activities.get(name).cloned()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.activities.keys()).finish()
    }
}
