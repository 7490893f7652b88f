//! More runs wait for a worker than may, with bounds of a few, on a clock that stands still.

use levqor_store::EndState;
use serde_json::{Value, json};

use crate::support::{Answer, NOOP, TestApp, User};

/// Of high and normal, and of low.
const BOUND: usize = 4;
const LOW_BOUND: usize = 12;

struct Rig {
    app: TestApp,
    user: User,
}

impl Rig {
    async fn new() -> Self {
        let app = TestApp::builder()
            .backlog(BOUND as u64, LOW_BOUND as u64)
            .start()
            .await;
        let user = app.tenant("a", "enterprise").await;
        user.store(NOOP).await.expect(201);
        Self { app, user }
    }

    async fn start(&self, more: Value) -> Answer {
        self.user.post("/api/v1/intake", run(&more)).await
    }

    /// Starts runs until one is refused, once the API has looked at the database; answers the ids of those accepted, and the
    /// refusal.
    async fn fill(&self) -> (Vec<String>, Answer) {
        self.start(json!({"workflow": "shop/nothing"})).await.expect(404);
        self.app.looks.after(0).await;
        let mut accepted = Vec::new();
        loop {
            let answer = self.start(json!({})).await;
            if answer.status != 202 {
                return (accepted, answer);
            }
            accepted.push(answer.text("job_id"));
        }
    }

    /// Starts a run of `user`, again after each look: one follows each refusal.
    async fn comes_in(&self, user: &User) {
        loop {
            let looks = self.app.looks.count();
            if user.post("/api/v1/intake", run(&json!({}))).await.status == 202 {
                return;
            }
            self.app.looks.after(looks).await;
        }
    }

    async fn batch(&self, items: &[Value]) -> Answer {
        let items = items.iter().map(run).collect();
        self.user.post("/api/v1/intake/batch", items).await
    }

    async fn runs(&self) -> usize {
        let list = self.user.get("/api/v1/runs?limit=200").await.expect(200);
        list.at("/runs").as_array().unwrap().len()
    }
}

fn run(more: &Value) -> Value {
    let mut body = json!({"workflow": "shop/order", "payload": 1});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_full_lane_refuses_single_starts_until_workers_have_made_room() {
    let rig = Rig::new().await;
    let worker = rig.app.worker().await;
    let (accepted, refused) = rig.fill().await;
    assert_eq!(accepted.len(), BOUND);
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.text("detail").contains("`normal`"));
    assert_eq!(rig.runs().await, BOUND);
    worker.end(&accepted[0], EndState::Completed, "{}").await;
    rig.comes_in(&rig.user).await;
    rig.start(json!({})).await.expect(503);
}

#[tokio::test]
async fn a_full_lane_leaves_the_others_open() {
    let rig = Rig::new().await;
    let _worker = rig.app.worker().await;
    rig.fill().await;
    rig.start(json!({"priority": "high"})).await.expect(202);
    rig.start(json!({"priority": "low"})).await.expect(202);
    rig.batch(&vec![json!({"priority": "low"}); 2 * BOUND])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_full_lane_refuses_batches_as_a_whole() {
    let rig = Rig::new().await;
    let _worker = rig.app.worker().await;
    rig.fill().await;
    let refused = rig.batch(&[json!({"priority": "low"}), json!({})]).await;
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(rig.runs().await, BOUND);
}

#[tokio::test]
async fn runs_for_later_are_not_refused_and_do_not_count() {
    let rig = Rig::new().await;
    let _worker = rig.app.worker().await;
    let later = json!({"run_at": "2027-01-01T00:00:00Z"});
    for _ in 0..2 * BOUND {
        rig.start(later.clone()).await.expect(202);
    }
    assert_eq!(rig.fill().await.0.len(), BOUND);
    rig.start(later.clone()).await.expect(202);
    rig.batch(&[later]).await.expect(200);
}

#[tokio::test]
async fn without_a_worker_runs_are_accepted_up_to_the_bound_of_bulk() {
    let rig = Rig::new().await;
    let (accepted, refused) = rig.fill().await;
    assert_eq!(accepted.len(), LOW_BOUND);
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
}

#[tokio::test]
async fn the_flood_of_one_tenant_does_not_refuse_another() {
    let rig = Rig::new().await;
    let _worker = rig.app.worker().await;
    rig.fill().await;
    let other = rig.app.tenant("b", "enterprise").await;
    other.store(NOOP).await.expect(201);
    rig.comes_in(&other).await;
    rig.start(json!({})).await.expect(503);
}
