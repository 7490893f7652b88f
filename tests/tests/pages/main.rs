//! Every page for people in a real browser: forms are sent without scripts, and what each page shows in each state is held
//! against WCAG 2.2 AA, as far as a program can: axe-core's rules in light and in dark, reflow at 320 px, larger and wider
//! text, the keyboard. With `LEVQOR_SCREENSHOTS=FOLDER` each state is kept as pictures.

mod about;
mod axe;
mod billing;
mod browser;
mod consent;
mod data_export;
mod flaws;
mod keyboard;
mod look;
mod reflow;

use anyhow::Result;
use levqor_tests::{DataFolder, Embedded};

/// Where the link with this path leads that was mailed to an address: to this server, whichever wrote the mail.
async fn mailed(folder: &DataFolder, server: &Embedded, address: &str, path: &str) -> Result<String> {
    let link = folder.link(address, path).await?;
    Ok(format!("{}{link}", server.client.url()))
}
