//! Programs that open every link of every mail, before or instead of a person. They must change nothing (domain 2.1).

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use levqor_consent::expire;
use levqor_dsar::steps;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;
use tokio::runtime::Runtime;

use super::rig::{ADA, Bench, ONE_CLICK, URL, URLENCODED};
use crate::support::rows;

/// What mail gateways, link previews and security products send along.
const HEADERS: [(&str, &str); 8] = [
    ("user-agent", "Mozilla/5.0 (compatible; Barracuda Sentinel)"),
    ("user-agent", "facebookexternalhit/1.1"),
    ("purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("range", "bytes=0-1023"),
    ("if-none-match", "*"),
    ("x-http-method-override", "POST"),
    ("x-forwarded-for", "203.0.113.9"),
];

/// How links are changed on the way.
const REWRITES: [fn(&str) -> String; 6] = [
    |link| link.to_owned(),
    |link| format!("{link}/"),
    |link| {
        format!(
            "{link}{}utm_source=mail",
            if link.contains('?') { '&' } else { '?' }
        )
    },
    |link| link.replace('_', "%5F"),
    |link| link.to_uppercase(),
    |link| link[..link.len() - 1].to_owned(),
];

/// One look at one link.
#[derive(Clone, Debug)]
struct Visit {
    link: prop::sample::Index,
    method: &'static str,
    rewrite: usize,
    headers: Vec<usize>,
    body: bool,
}

fn visit() -> impl Strategy<Value = Visit> {
    let method = prop::sample::select(vec!["GET", "HEAD", "OPTIONS", "GET"]);
    let headers = prop::collection::vec(0..HEADERS.len(), 0..3);
    let parts = (
        any::<prop::sample::Index>(),
        method,
        0..REWRITES.len(),
        headers,
        any::<bool>(),
    );
    parts.prop_map(|(link, method, rewrite, headers, body)| Visit {
        link,
        method,
        rewrite,
        headers,
        body,
    })
}

/// A person's data is ready, and another person's is to be confirmed.
async fn exports(bench: &Bench) {
    const REQUEST: &str = "/api/data-export/request";
    let person = bench.app.signed_in(&bench.tenant, ADA).await;
    let asked = person.call("POST", REQUEST).send().await.expect(202);
    let id = asked.at("/request/request_id").as_str().unwrap().parse().unwrap();
    let (platform, tenant) = (&bench.app.state.platform, bench.mails().await[0].tenant_id);
    steps::collect(platform, tenant, id).await.unwrap();
    steps::package(platform, tenant, id).await.unwrap();
    steps::store(platform, tenant, id).await.unwrap();
    steps::notify(platform, tenant, id).await.unwrap();
    let other = bench.app.signed_in(&bench.tenant, "two@example.com").await;
    let other = other.get("/api/v1/users/me").await.expect(200).text("id");
    bench
        .tenant
        .post(REQUEST, json!({"user_id": other}))
        .await
        .expect(202);
}

/// An installation with consents in every status, a person's data ready, and the mails of all that.
async fn world() -> Bench {
    let bench = Bench::new().await;
    bench.start("late@example.com", "marketing").await.expect(202);
    bench.app.clock.advance(Duration::from_hours(24 * 8));
    expire(&bench.app.state.platform).await.unwrap();
    bench.start("pending@example.com", "marketing").await.expect(202);
    for (email, scope) in [
        (ADA, "marketing"),
        ("gone@example.com", "marketing"),
        ("two@example.com", "events"),
    ] {
        bench.granted(email, scope).await;
    }
    bench.mailed("marketing").await;
    bench.mailed("events").await;
    exports(&bench).await;
    let gone = json!({"email": "gone@example.com"});
    bench
        .tenant
        .post("/api/v1/consents/revoke", gone)
        .await
        .expect(200);
    bench
}

/// Every link of every mail: in the text, in the HTML, in the headers.
async fn links(bench: &Bench) -> Vec<String> {
    let mails = bench.mails().await;
    let texts = mails
        .iter()
        .flat_map(|mail| [&mail.text, &mail.html, &mail.unsubscribe]);
    let found: BTreeSet<String> = texts.flatten().flat_map(|text| in_text(text)).collect();
    found.into_iter().collect()
}

fn in_text(text: &str) -> Vec<String> {
    let tails = text.split(URL).skip(1);
    let whole = |tail: &str| {
        tail.split(|c: char| c.is_whitespace() || "\"<>".contains(c))
            .next()
            .map(ToOwned::to_owned)
    };
    tails.filter_map(whole).filter(|path| !path.is_empty()).collect()
}

/// Rows that were not there before, or are there no more.
async fn changed(bench: &Bench, before: &[String]) -> Vec<String> {
    let now = rows(&bench.app.state.platform.db).await;
    let new = now.iter().filter(|row| !before.contains(row));
    let gone = before.iter().filter(|row| !now.contains(row));
    new.chain(gone).cloned().collect()
}

async fn look(bench: &Bench, links: &[String], visit: &Visit) -> u16 {
    let path = REWRITES[visit.rewrite](visit.link.get::<String>(links));
    let mut call = bench.person.call(visit.method, &path);
    for header in &visit.headers {
        let (name, value) = HEADERS[*header];
        call = call.header(name, value);
    }
    if visit.body {
        call = call.body(URLENCODED, ONE_CLICK);
    }
    call.send().await.status
}

#[test]
fn domain_2_1_whoever_opens_every_link_of_every_mail_changes_no_row() {
    let runtime = Runtime::new().unwrap();
    let bench = runtime.block_on(world());
    let links = runtime.block_on(links(&bench));
    for part in [
        "consent/confirm",
        "unsubscribe",
        "preferences",
        "data-export",
        "data-export/download",
    ] {
        assert!(links.iter().any(|link| link.contains(part)), "{part}: {links:?}");
    }
    let before = runtime.block_on(rows(&bench.app.state.platform.db));
    let plain = |method: &'static str| {
        let (bench, links) = (&bench, &links);
        async move { join_all(links.iter().map(|link| bench.person.call(method, link).send())).await }
    };
    // Each link as it is, twice and at once.
    for method in ["GET", "HEAD"] {
        let (one, two) = runtime.block_on(async { tokio::join!(plain(method), plain(method)) });
        for (answer, link) in one.iter().chain(&two).zip(links.iter().chain(&links)) {
            assert!(
                [200, 404, 410].contains(&answer.status),
                "{method} {link}: {}",
                answer.status
            );
        }
    }
    assert_eq!(runtime.block_on(changed(&bench, &before)), [""; 0]);
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let result = TestRunner::new(config).run(&prop::collection::vec(visit(), 1..24), |visits| {
        let statuses = runtime.block_on(join_all(visits.iter().map(|visit| look(&bench, &links, visit))));
        prop_assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
        prop_assert_eq!(runtime.block_on(changed(&bench, &before)), [""; 0]);
        Ok(())
    });
    result.unwrap();
    // The comparison sees what a button does.
    for leave in links.iter().filter(|link| link.contains("unsubscribe")) {
        runtime.block_on(bench.post_form(leave, ONE_CLICK)).expect(200);
    }
    assert!(!runtime.block_on(changed(&bench, &before)).is_empty());
}
