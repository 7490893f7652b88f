//! Chromium without scripts, driven over `WebDriver`.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, TempFolder, eventually};
use serde_json::{Value, json};
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, TypingData, WebDriver, WebElement,
    cdp::domains::emulation::{MediaFeature, SetEmulatedMedia},
    error::WebDriverResult,
};

const START: Duration = Duration::from_mins(1);
const SOON: Duration = Duration::from_secs(30);

/// A browser with a profile of its own. It knows no host but this machine.
pub(crate) struct Browser {
    driver: WebDriver,
    // Dropped after the session; the browser ends with its driver, since that holds the pipe between them.
    _process: Process,
    folder: TempFolder,
}

impl Browser {
    /// Starts one that runs no script of a page.
    pub(crate) async fn start() -> Result<Self> {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempFolder::new()?;
        let home = folder.path().to_str().context("the folder's name is not UTF-8")?;
        let process = Process::start(
            "chromedriver".as_ref(),
            &["--port=0"],
            &[("HOME", home), ("TMPDIR", home)],
        )
        .context("no browser: run scripts/install-test-requirements")?;
        let line = process
            .wait_for_line("started successfully on port", START)
            .await?;
        let port = line.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities(home)?).await;
        let browser = Self {
            driver: driver.with_context(|| process.output())?,
            _process: process,
            folder,
        };
        browser.scripts(false).await?;
        Ok(browser)
    }

    /// Ends it.
    pub(crate) async fn quit(self) -> Result<()> {
        Ok(self.driver.quit().await?)
    }

    /// Whether pages may run scripts. What a test runs in a page is its own and always may, but for timers.
    pub(crate) async fn scripts(&self, on: bool) -> Result<()> {
        let disabled = json!({"value": !on});
        let command = "Emulation.setScriptExecutionDisabled";
        self.driver.cdp().send_raw(command, disabled).await?;
        Ok(())
    }

    /// A window of so many CSS pixels, on a phone or not.
    pub(crate) async fn window(&self, width: u32, height: u32, phone: bool) -> Result<()> {
        let cdp = self.driver.cdp();
        let emulation = cdp.emulation();
        Ok(emulation
            .set_device_metrics_override(width, height, 1.0, phone)
            .await?)
    }

    /// Which colours the person prefers: `light` or `dark`.
    pub(crate) async fn colours(&self, scheme: &str) -> Result<()> {
        let feature = MediaFeature {
            name: "prefers-color-scheme".to_owned(),
            value: scheme.to_owned(),
        };
        let media = SetEmulatedMedia {
            media: None,
            features: Some(vec![feature]),
        };
        self.driver.cdp().send(media).await?;
        Ok(())
    }

    /// Goes to a page.
    pub(crate) async fn open(&self, url: &str) -> Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// Where it is.
    pub(crate) async fn url(&self) -> Result<String> {
        Ok(self.driver.current_url().await?.into())
    }

    /// The one element.
    pub(crate) async fn find(&self, css: &str) -> Result<WebElement> {
        self.driver
            .find(By::Css(css))
            .await
            .with_context(|| css.to_owned())
    }

    /// The button with this text.
    pub(crate) async fn button(&self, text: &str) -> Result<WebElement> {
        let path = format!("//button[normalize-space() = '{text}']");
        let button = self.driver.find(By::XPath(path)).await;
        button.with_context(|| format!("there is no button {text}"))
    }

    /// Presses the button with this text with the mouse, and waits for the page that follows.
    pub(crate) async fn press(&self, text: &str) -> Result<()> {
        let button = self.button(text).await?;
        self.followed(button.click()).await
    }

    /// Types into an element what sends its form, and waits for the page that follows.
    pub(crate) async fn strike(&self, element: WebElement, keys: impl Into<TypingData>) -> Result<()> {
        self.followed(element.send_keys(keys)).await
    }

    /// Waits after an action until another page is there.
    async fn followed(&self, action: impl Future<Output = WebDriverResult<()>>) -> Result<()> {
        self.ask("window.left = true;", Vec::new()).await?;
        action.await?;
        let script = "return !window.left && document.readyState === 'complete';";
        let there = async || {
            self.ask(script, Vec::new())
                .await
                .is_ok_and(|there| there == true)
        };
        eventually(SOON, there).await.context("no page followed")
    }

    /// Sends keys to what has the focus.
    pub(crate) async fn keys(&self, keys: impl Into<TypingData>) -> Result<()> {
        let chain = self.driver.action_chain().send_keys(keys);
        Ok(chain.perform().await?)
    }

    /// What the body of a function answers, at once.
    pub(crate) async fn ask(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let answer = self.driver.execute(script, arguments).await?;
        Ok(answer.json().clone())
    }

    /// What the body of a function tells its last argument, later.
    pub(crate) async fn wait_for(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let answer = self.driver.execute_async(script, arguments).await?;
        Ok(answer.json().clone())
    }

    /// A picture of the window.
    pub(crate) async fn picture(&self, file: PathBuf) -> Result<()> {
        Ok(fs::write(file, self.driver.screenshot_as_png().await?)?)
    }

    /// The one file that was downloaded, once it is whole.
    pub(crate) async fn downloaded(&self) -> Result<PathBuf> {
        let files = || -> Vec<PathBuf> {
            let entries = fs::read_dir(self.folder.path().join("downloads"));
            let entries = entries.into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        let whole = |files: &[PathBuf]| {
            let zip = |file: &PathBuf| file.extension().is_some_and(|end| end == "zip");
            !files.is_empty() && files.iter().all(zip)
        };
        eventually(SOON, async || whole(&files())).await?;
        let files = files();
        ensure!(files.len() == 1, "{files:?}");
        files.into_iter().next().context("no file")
    }
}

/// No sandbox, for containers whose root has none; the pages are our own.
fn capabilities(home: &str) -> Result<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--remote-debugging-pipe",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &format!("--user-data-dir={home}/profile"),
    ];
    for argument in arguments {
        capabilities.add_arg(argument)?;
    }
    let downloads = format!("{home}/downloads");
    capabilities.add_experimental_option("prefs", json!({"download.default_directory": downloads}))?;
    Ok(capabilities)
}
