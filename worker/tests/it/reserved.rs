//! Steps of our own processes are not for documents that anybody may write.

use levqor_reports::{Kind, NewReport, State, find, order, week_before};
use levqor_worker::registry;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_document_takes_no_step_of_our_processes_even_on_its_own_rows() {
    let bench = Bench::new().await;
    let platform = bench.platform();
    let new = NewReport {
        key: "api/one".to_owned(),
        kind: Kind::Operations,
        period: week_before(platform.db.now().await.unwrap()),
        mail_to: None,
    };
    let ordered = order(&platform, bench.tenant, new).await.unwrap();
    let _worker = bench.worker(registry()).await;
    for activity in registry().describe_ours() {
        let input = json!({"report_id": ordered.id.to_string()});
        let run = bench
            .start(
                &format!("  - a: {{call: {}, with: {input}}}", activity.name),
                json!({}),
            )
            .await;
        let error = bench.error(run).await;
        assert_eq!(
            (&error["status"], &error["title"]),
            (&json!(403), &json!("Reserved activity")),
            "{error}"
        );
    }
    let report = find(&platform.db, bench.tenant, ordered.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(report.state, State::Queued);
}

#[test]
fn what_documents_may_call_is_listed_without_them() {
    let (all, ours) = (registry().describe(), registry().describe_ours());
    assert!(all.iter().any(|activity| activity.name == "sleep"));
    assert!(ours.iter().any(|activity| activity.name == "dsar_expire"));
    assert!(
        !all.iter()
            .any(|activity| ours.iter().any(|own| own.name == activity.name))
    );
}
