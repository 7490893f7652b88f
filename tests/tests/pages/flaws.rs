//! The other side of the other tests: a page with flaws is found out.

use anyhow::{Result, ensure};
use levqor_testkit::{Answer, LocalServer};

use crate::{browser::Browser, look::findings};

const FLAWED: &str = r#"<!doctype html>
<html><head><title></title><meta name="viewport" content="width=device-width">
<style>
  p { color: #999; background: #fff; } div { width: 400px; height: 1px; }
  a { outline: none; } .tiny { width: 9px; height: 9px; padding: 0; border: 0; }
  span { display: block; width: 5rem; overflow: hidden; white-space: nowrap; }
</style></head>
<body><h1>Flawed</h1><p>Grey on white</p><div></div><input><a href="/">no outline</a>
<button class="tiny" aria-label="a"></button><button class="tiny" aria-label="b"></button>
<button tabindex="1">first</button><span>more than its room can hold</span>
<script>document.title = "Flawed"</script></body></html>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_flaws_is_found_out() -> Result<()> {
    let server = LocalServer::start(|_| {
        Answer::status(200)
            .header("content-type", "text/html")
            .body(FLAWED)
    });
    let server = server.await?;
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    let found = findings(&browser, "flawed").await?.join("\n");
    for flaw in [
        "html-has-lang:",
        "document-title:",
        "color-contrast:",
        "label:",
        "target-size:",
        "px wide",
        "is cut off",
        "Tab 0 leads to",
        "does not show that it has it",
    ] {
        ensure!(found.contains(flaw), "{flaw} is not in:\n{found}");
    }
    browser.quit().await
}
