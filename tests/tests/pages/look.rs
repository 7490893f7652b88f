//! Looking at a page from all sides.

use std::{env, path::PathBuf};

use anyhow::{Result, ensure};

use crate::{axe, browser::Browser, keyboard, reflow};

/// Widths in CSS pixels: 1280 at a zoom of 400 % is 320, at 200 % it is 640.
const NARROW: u32 = 320;
const MIDDLE: u32 = 640;
const WIDE: u32 = 1280;

/// Holds when the page that was just loaded has this heading and nothing is wrong with it. `name` is the picture's.
pub(crate) async fn look(browser: &Browser, name: &str, heading: &str) -> Result<()> {
    let shown = browser.find("h1").await?.text().await?;
    ensure!(shown == heading, "{name} is {shown}");
    let findings = findings(browser, name).await?;
    ensure!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
    Ok(())
}

/// All that is wrong with the page that was just loaded.
pub(crate) async fn findings(browser: &Browser, name: &str) -> Result<Vec<String>> {
    // First, while nothing has had the focus.
    browser.window(NARROW, 640, true).await?;
    let mut findings = keyboard::findings(browser).await?;
    findings.extend(reflow::findings(browser, NARROW).await?);
    for (scheme, width, phone) in [
        ("dark", NARROW, true),
        ("light", MIDDLE, false),
        ("light", WIDE, false),
    ] {
        browser.window(width, 800, phone).await?;
        browser.colours(scheme).await?;
        findings.extend(reflow::findings(browser, width).await?);
        findings.extend(axe::findings(browser).await?);
        if let Some(folder) = env::var_os("LEVQOR_SCREENSHOTS") {
            let file = PathBuf::from(folder).join(format!("{name}-{width}.png"));
            browser.picture(file).await?;
        }
    }
    Ok(findings)
}
