//! The pages that links in mails lead to, and their buttons.

use std::time::Duration;

use levqor_api::Rates;
use serde_json::json;

use super::rig::{ADA, Bench, CONFIRM, ONE_CLICK, URLENCODED, token, unsubscribe};
use crate::support::{Answer, TestApp};

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn domain_2_2_the_page_has_a_button_and_only_the_button_grants() {
    let bench = Bench::new().await;
    let link = bench.asked(ADA, "marketing").await;
    let page = bench
        .person
        .get(&format!("{CONFIRM}?token={link}"))
        .await
        .expect(200);
    let shown = text(&page);
    assert!(
        shown.contains("Yes, send me &#60;news&#62;.") && shown.contains("<button type=\"submit\">"),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("name=\"token\" value=\"{link}\"")),
        "{shown}"
    );
    assert!(
        !shown.contains("<script") && !shown.contains("http-equiv"),
        "nothing sends the form by itself"
    );
    assert_eq!(bench.status(ADA, "marketing").await, "pending_double_opt_in");
    for _ in 0..2 {
        let pressed = bench.press(&link).await.expect(200);
        assert!(text(&pressed).contains("You are subscribed"));
        assert_eq!(bench.status(ADA, "marketing").await, "granted");
    }
}

#[tokio::test]
async fn domain_2_1_a_page_is_not_kept_and_tells_nobody_where_it_was() {
    let bench = Bench::new().await;
    let link = bench.asked(ADA, "marketing").await;
    bench.press(&link).await.expect(200);
    let mail = bench.mailed("marketing").await;
    let pages = [
        format!("{CONFIRM}?token={link}"),
        format!("{CONFIRM}?token=nonsense"),
        unsubscribe(&mail),
        format!("/marketing/preferences/{}", token(&mail, "lvp_")),
        "/marketing/preferences/lvp_".to_owned(),
    ];
    for path in pages {
        for method in ["GET", "HEAD"] {
            let page = bench.person.call(method, &path).send().await;
            assert_eq!(page.header("cache-control"), "no-store", "{method} {path}");
            assert_eq!(page.header("referrer-policy"), "no-referrer", "{method} {path}");
            let policy = page.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; style-src 'sha256-"),
                "{policy}"
            );
            assert!(
                policy.contains("form-action 'self'") && !policy.contains("script-src"),
                "{policy}"
            );
            assert!(page.headers.get("set-cookie").is_none());
        }
    }
}

#[tokio::test]
async fn a_link_that_came_too_late_or_is_none_says_so_on_a_page() {
    let bench = Bench::new().await;
    let link = bench.asked(ADA, "marketing").await;
    bench.app.clock.advance(Duration::from_hours(24 * 7));
    let path = format!("{CONFIRM}?token={link}");
    assert!(text(&bench.person.get(&path).await.expect(410)).contains("This link came too late"));
    assert!(text(&bench.press(&link).await.expect(410)).contains("not subscribed"));
    for nonsense in ["", "lvc_", "x&y", &"0".repeat(10_000)] {
        let page = bench.press(nonsense).await.expect(404);
        assert!(text(&page).contains("This link leads nowhere"));
    }
    assert_eq!(bench.status(ADA, "marketing").await, "pending_double_opt_in");
}

#[tokio::test]
async fn domain_2_3_one_post_unsubscribes_in_either_form_without_login_or_redirect() {
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (media, body) in [
        (URLENCODED, ONE_CLICK),
        ("multipart/form-data; boundary=b", multipart),
    ] {
        let bench = Bench::new().await;
        bench.granted(ADA, "marketing").await;
        let path = unsubscribe(&bench.mailed("marketing").await);
        for _ in 0..3 {
            let answer = bench
                .person
                .call("POST", &path)
                .body(media, body)
                .send()
                .await
                .expect(200);
            assert!(answer.headers.get("location").is_none() && answer.headers.get("set-cookie").is_none());
            assert_eq!(bench.status(ADA, "marketing").await, "revoked");
        }
        let shown = text(&bench.person.get(&path).await.expect(200));
        assert!(
            shown.contains("Acme &#38; Sons sends you no marketing mail any more"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_post_that_does_not_say_one_click_changes_nothing() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    let path = unsubscribe(&bench.mailed("marketing").await);
    for (media, body, status) in [
        (URLENCODED, "", 400),
        (URLENCODED, "List-Unsubscribe=Two", 400),
        (URLENCODED, "list-unsubscribe=One-Click", 400),
        ("multipart/form-data", ONE_CLICK, 400),
        ("multipart/form-data; boundary=b", ONE_CLICK, 400),
        ("application/json", "{\"List-Unsubscribe\":\"One-Click\"}", 415),
    ] {
        bench
            .person
            .call("POST", &path)
            .body(media, body)
            .send()
            .await
            .expect(status);
        assert_eq!(bench.status(ADA, "marketing").await, "granted", "{media} {body}");
    }
    bench
        .post_form("/api/marketing/unsubscribe/lvm_0", ONE_CLICK)
        .await
        .expect(404);
}

#[tokio::test]
async fn the_button_of_the_page_to_unsubscribe_sends_what_a_mail_program_does() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    let path = unsubscribe(&bench.mailed("marketing").await);
    let shown = text(&bench.person.get(&path).await.expect(200));
    assert!(shown.contains(&format!("action=\"{path}\"")), "{shown}");
    assert!(
        shown.contains("name=\"List-Unsubscribe\" value=\"One-Click\""),
        "{shown}"
    );
    bench
        .post_form(&path, "List-Unsubscribe=One-Click&via=page")
        .await
        .expect(200);
    let id = bench
        .tenant
        .get("/api/v1/consents")
        .await
        .expect(200)
        .at("/consents/0/id");
    let path = format!("/api/v1/consents/{}/receipt", id.as_str().unwrap());
    let receipt = bench.tenant.get(&path).await.expect(200);
    assert_eq!(receipt.at("/receipt/events/2/method"), "unsubscribe_page");
}

#[tokio::test]
async fn withdrawing_is_not_rationed() {
    let rates = Rates {
        anonymous_address: 3,
        ..Rates::default()
    };
    let app = TestApp::builder()
        .public_url("https://levqor.test")
        .rates(rates)
        .start()
        .await;
    let person = app.anonymous();
    let path = format!("/api/marketing/unsubscribe/lvm_{}", "0".repeat(64));
    for _ in 0..10 {
        person
            .call("POST", &path)
            .body(URLENCODED, ONE_CLICK)
            .send()
            .await
            .expect(404);
        person.get("/marketing/preferences/lvp_0").await.expect(404);
    }
    for _ in 0..3 {
        person.get(&format!("{CONFIRM}?token=x")).await.expect(404);
    }
    person.get(&format!("{CONFIRM}?token=x")).await.expect(429);
}

#[tokio::test]
async fn domain_2_10_the_preference_page_works_list_by_list_and_for_all() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    bench.app.clock.advance(Duration::from_hours(24));
    bench.granted(ADA, "product_updates").await;
    let mail = bench.mailed("marketing").await;
    let path = format!("/marketing/preferences/{}", token(&mail, "lvp_"));
    let shown = text(&bench.person.get(&path).await.expect(200));
    assert_eq!(shown.matches("type=\"checkbox\"").count(), 2);
    assert_eq!(shown.matches(" checked>").count(), 2);
    assert!(!shown.contains(ADA), "a forwarded mail does not tell the address");
    let both = "shown=marketing&shown=product_updates";
    let saved = bench
        .post_form(&path, &format!("{both}&scope=product_updates&choice=save"))
        .await
        .expect(200);
    assert!(text(&saved).contains("Your choice is saved") && text(&saved).matches(" checked>").count() == 1);
    let marketing = || bench.status(ADA, "marketing");
    let updates = || bench.status(ADA, "product_updates");
    assert_eq!(
        (marketing().await, updates().await),
        (json!("revoked"), json!("granted"))
    );
    bench
        .post_form(&path, &format!("{both}&scope=marketing&scope=product_updates"))
        .await
        .expect(200);
    assert_eq!(
        (marketing().await, updates().await),
        (json!("granted"), json!("granted"))
    );
    bench
        .post_form(&path, &format!("{both}&scope=marketing&choice=none"))
        .await
        .expect(200);
    assert_eq!(
        (marketing().await, updates().await),
        (json!("revoked"), json!("revoked"))
    );
    bench
        .post_form("/marketing/preferences/lvp_0", both)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_token_of_one_kind_opens_nothing_else() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    let mail = bench.mailed("marketing").await;
    let (leave, lists) = (token(&mail, "lvm_"), token(&mail, "lvp_"));
    bench
        .person
        .get(&format!("/api/marketing/unsubscribe/{lists}"))
        .await
        .expect(404);
    bench
        .person
        .get(&format!("/marketing/preferences/{leave}"))
        .await
        .expect(404);
    bench
        .person
        .get(&format!("{CONFIRM}?token={leave}"))
        .await
        .expect(404);
}
