//! A Notion that holds its callers to its rules: token, version, JSON, the form of its three calls.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use levqor_egress::{Egress, Policy};
use levqor_notion::NOTION_VERSION;
use levqor_testkit::{Answer, LocalServer, Recorded};
use serde_json::{Value, json};

/// The token it knows.
pub const TOKEN: &str = "ntn_test";

type Pages = Arc<std::sync::Mutex<Vec<(String, Value)>>>;

/// The server.
pub struct Notion {
    server: LocalServer,
    url: String,
    pages: Pages,
    lose: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
}

/// A client that may reach loopback.
pub fn egress() -> Egress {
    Egress::new(Policy {
        allow_loopback: true,
        ..Policy::default()
    })
}

impl Notion {
    pub async fn start() -> Self {
        let pages = Pages::default();
        let (lose, busy) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let state = (pages.clone(), lose.clone(), busy.clone());
        let server = LocalServer::start(move |request| {
            let (pages, lose, busy) = &state;
            if busy.load(SeqCst) {
                return Answer::status(429).header("retry-after", "1");
            }
            let answer = answer(request, pages);
            let made = request.method == "POST" && request.path == "/v1/pages";
            if lose.load(SeqCst) && made { Answer::dropped() } else { answer }
        })
        .await
        .unwrap();
        Self {
            url: server.url(),
            server,
            pages,
            lose,
            busy,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Pages are made, and the answer is lost.
    pub fn lose_answers(&self, lose: bool) {
        self.lose.store(lose, SeqCst);
    }

    /// Every call is answered with 429.
    pub fn busy(&self, busy: bool) {
        self.busy.store(busy, SeqCst);
    }

    pub fn delete_all(&self) {
        self.pages.lock().unwrap().clear();
    }

    /// Properties of all pages.
    pub fn pages(&self) -> Vec<Value> {
        self.pages.lock().unwrap().iter().map(|(_, page)| page.clone()).collect()
    }

    pub fn calls(&self) -> usize {
        self.server.requests().len()
    }
}

fn problem(status: u16, message: &str) -> Answer {
    let body = json!({"object": "error", "status": status, "message": message}).to_string();
    Answer::status(status).body(body).header("content-type", "application/json")
}

fn answer(request: &Recorded, pages: &Pages) -> Answer {
    if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return problem(401, "API token is invalid.");
    }
    if request.header("notion-version") != Some(NOTION_VERSION) || request.header("user-agent").is_none() {
        return problem(400, "Notion-Version header is missing or unknown.");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return problem(400, "Error parsing JSON body.");
    };
    let mut pages = pages.lock().unwrap();
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
    if body["parent"] != json!({"type": "data_source_id", "data_source_id": "aa11"}) || !properties.is_object() {
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
