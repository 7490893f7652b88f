//! `GET /api/v1/activities`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    options::ActivityInfo,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// What documents may call beside HTTP.
#[derive(Serialize, Object)]
struct Activities {
    /// All of them.
    activities: Vec<Activity>,
}

/// A named piece of work.
#[derive(Serialize, Object)]
struct Activity {
    /// As written after `call:`.
    name: String,
    /// What it does.
    description: String,
    /// JSON Schema of `with`.
    input: Value,
    /// JSON Schema of its output.
    output: Value,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List activities
    ///
    /// What a document may name in `call` beside `http`, with the schemas of input and output.
    #[oai(
        path = "/api/v1/activities",
        method = "get",
        operation_id = "listActivities",
        tag = "Tag::Workflows"
    )]
    async fn list(&self, _caller: Caller) -> Result<Json<Activities>, Failed<Self>> {
        let activities = self.0.api.options.activities.iter().cloned().map(show).collect();
        Ok(Json(Activities { activities }))
    }
}

fn show(activity: ActivityInfo) -> Activity {
    let ActivityInfo {
        name,
        description,
        input,
        output,
    } = activity;
    Activity {
        name,
        description,
        input,
        output,
    }
}
