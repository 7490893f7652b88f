//! `GET /api/v1/activities`.

use crate::support::TestApp;

#[tokio::test]
async fn lists_what_documents_may_call() {
    let app = TestApp::start().await;
    let answer = app
        .tenant("a", "pro")
        .await
        .get("/api/v1/activities")
        .await
        .expect(200);
    assert_eq!(answer.at("/activities/0/name"), "test.noop");
    assert_eq!(answer.at("/activities/0/input/type"), "object");
}
