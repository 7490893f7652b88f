//! A Notion that holds its callers to its rules: token, version, JSON, the form of its three calls. It has one data
//! source, `aa11`.

use std::sync::Arc;

use anyhow::Result;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::{Answer, LocalServer, Recorded};

/// The API's version, which callers have to name.
const VERSION: &str = "2026-03-11";

type Pages = Arc<Mutex<Vec<(String, Value)>>>;

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As its documentation says.
    Well,
    /// Every call is answered with 429 and `Retry-After: 1`.
    Busy,
    /// Pages are made, and the answer is lost.
    Forgetful,
    /// No call is answered.
    Away,
}

/// The server.
pub struct LocalNotion {
    server: LocalServer,
    pages: Pages,
    mood: Arc<Mutex<Mood>>,
}

impl LocalNotion {
    /// The token it knows.
    pub const TOKEN: &str = "ntn_test";

    /// Starts well, without pages.
    pub async fn start() -> Result<Self> {
        let (pages, mood) = (Pages::default(), Arc::new(Mutex::new(Mood::Well)));
        let state = (Arc::clone(&pages), Arc::clone(&mood));
        let server = LocalServer::start(move |request| {
            let mood = *state.1.lock();
            match mood {
                Mood::Busy => return Answer::status(429).header("retry-after", "1"),
                Mood::Away => return Answer::dropped(),
                Mood::Well | Mood::Forgetful => {}
            }
            let answer = answer(request, &state.0);
            let made = request.method == "POST" && request.path == "/v1/pages";
            if mood == Mood::Forgetful && made {
                Answer::dropped()
            } else {
                answer
            }
        });
        Ok(Self {
            server: server.await?,
            pages,
            mood,
        })
    }

    /// Its URL, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Behaves so from now on.
    pub fn mood(&self, mood: Mood) {
        *self.mood.lock() = mood;
    }

    /// Somebody deletes all pages for good.
    pub fn delete_all(&self) {
        self.pages.lock().clear();
    }

    /// Properties of all pages, in the order they were made.
    pub fn pages(&self) -> Vec<Value> {
        self.pages.lock().iter().map(|(_, page)| page.clone()).collect()
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.server.requests().len()
    }
}

fn problem(status: u16, message: &str) -> Answer {
    let body = json!({"object": "error", "status": status, "message": message}).to_string();
    Answer::status(status)
        .body(body)
        .header("content-type", "application/json")
}

fn answer(request: &Recorded, pages: &Pages) -> Answer {
    if request.header("authorization") != Some(&format!("Bearer {}", LocalNotion::TOKEN)) {
        return problem(401, "API token is invalid.");
    }
    if request.header("notion-version") != Some(VERSION) || request.header("user-agent").is_none() {
        return problem(400, "Notion-Version header is missing or unknown.");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return problem(400, "Error parsing JSON body.");
    };
    let mut pages = pages.lock();
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v1/data_sources/aa11/query") => query(&body, &pages),
        ("POST", "/v1/pages") => create(&body, &mut pages),
        ("PATCH", path) if path.starts_with("/v1/pages/") => {
            update(path.trim_start_matches("/v1/pages/"), &body, &mut pages)
        }
        _ => problem(404, "Could not find it."),
    }
}

fn external(page: &Value) -> &Value {
    &page["External ID"]["rich_text"][0]["text"]["content"]
}

fn query(body: &Value, pages: &[(String, Value)]) -> Answer {
    let wanted = &body["filter"]["rich_text"]["equals"];
    if body["filter"]["property"] != "External ID" || !wanted.is_string() {
        return problem(400, "body failed validation.");
    }
    let found = pages.iter().filter(|(_, page)| external(page) == wanted);
    let results: Vec<Value> = found.map(|(id, _)| json!({"object": "page", "id": id})).collect();
    Answer::json(json!({"object": "list", "results": results}).to_string())
}

fn create(body: &Value, pages: &mut Vec<(String, Value)>) -> Answer {
    let properties = &body["properties"];
    if body["parent"] != json!({"type": "data_source_id", "data_source_id": "aa11"})
        || !properties.is_object()
    {
        return problem(400, "body failed validation.");
    }
    if properties["Name"]["title"][0]["text"]["content"] == "refuse me" {
        return problem(400, "Name is expected to be something else.");
    }
    let id = format!("page-{}", pages.len() + 1);
    pages.push((id.clone(), properties.clone()));
    Answer::json(json!({"object": "page", "id": id}).to_string())
}

fn update(id: &str, body: &Value, pages: &mut [(String, Value)]) -> Answer {
    let Some((_, page)) = pages.iter_mut().find(|(known, _)| known == id) else {
        return problem(404, "Could not find page with ID.");
    };
    for (name, value) in body["properties"].as_object().into_iter().flatten() {
        page[name] = value.clone();
    }
    Answer::json(json!({"object": "page", "id": id}).to_string())
}
