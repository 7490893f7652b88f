//! Pages about the service: how long data is kept, what an error code means, the documentation of the API.

use anyhow::{Result, ensure};
use levqor_testkit::TempFolder;
use levqor_tests::Embedded;

use crate::{browser::Browser, look::look};

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_the_service_need_no_script_and_keep_to_wcag() -> Result<()> {
    let folder = TempFolder::new()?;
    let server = Embedded::start(folder.path()).await?;
    let browser = Browser::start().await?;
    for (path, name, heading) in [
        ("/privacy/retention", "retention", "How long data is kept"),
        (
            "/errors/billing_suspended",
            "error-code",
            "Suspended until the bill is settled",
        ),
        ("/docs", "docs", "Levqor API"),
    ] {
        browser.open(&format!("{}{path}", server.client.url())).await?;
        look(&browser, name, heading).await?;
    }
    let document = browser.find("a[href='/openapi.json']").await?;
    document.click().await?;
    ensure!(browser.url().await?.ends_with("/openapi.json"));
    browser.quit().await
}
