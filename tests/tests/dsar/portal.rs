//! A server, a person of its tenant, and what is mailed to them.

use std::{collections::HashSet, fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, TempFolder, eventually};
use levqor_tests::{Client, Embedded, person};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

pub(crate) const SOON: Duration = Duration::from_mins(1);

/// A server, a person of its tenant, and the person's own client.
pub(crate) struct Portal {
    pub(crate) server: Embedded,
    pub(crate) folder: TempFolder,
    pub(crate) user: String,
    pub(crate) person: Client,
    environment: Vec<(String, String)>,
}

impl Portal {
    pub(crate) async fn open() -> Result<Self> {
        Self::open_with(&[]).await
    }

    /// With more settings.
    pub(crate) async fn open_with(environment: &[(&str, &str)]) -> Result<Self> {
        let folder = TempFolder::new()?;
        let server = Embedded::start_with(folder.path(), environment).await?;
        let (user, person) = person(&server.client, "ada@example.org").await?;
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Self {
            server,
            folder,
            user,
            person,
            environment: environment.collect(),
        })
    }

    /// kill -9 and a start on the same folder.
    pub(crate) async fn kill_and_start(&mut self) -> Result<()> {
        self.server.process.kill().await?;
        let environment: Vec<_> = self
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.server = Embedded::start_with(self.folder.path(), &environment).await?;
        self.person = person(&self.server.client, "ada@example.org").await?.1;
        Ok(())
    }

    /// The person asks; the request's id.
    pub(crate) async fn ask(&self) -> Result<String> {
        let (status, taken) = self.person.post("/api/data-export/request", &json!({})).await?;
        ensure!(status == StatusCode::ACCEPTED, "{status} {taken}");
        Ok(taken["request"]["request_id"]
            .as_str()
            .context("no id")?
            .to_owned())
    }

    /// A code, as it is shown to the person.
    pub(crate) async fn code(&self, id: &str) -> Result<String> {
        let (_, issued) = self
            .person
            .post(&format!("/api/dsar/exports/{id}/code"), &json!({}))
            .await?;
        Ok(issued["code"]
            .as_str()
            .with_context(|| format!("no code in {issued}"))?
            .to_owned())
    }

    /// Download links that were mailed, each once.
    pub(crate) fn links(&self) -> Result<HashSet<String>> {
        let mails = self.mails()?;
        Ok(mails
            .iter()
            .flat_map(|mail| tokens(mail, "/data-export/download?token="))
            .collect())
    }

    /// Mails to this address so far: their decoded texts.
    pub(crate) fn mails(&self) -> Result<Vec<String>> {
        let folder = self.folder.path().join("mail");
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(Vec::new());
        };
        let files = entries.collect::<Result<Vec<_>, _>>()?;
        let texts = files
            .iter()
            .map(|file| Ok(decoded(&fs::read_to_string(file.path())?)));
        texts.collect()
    }

    /// The token of the one mail with a link to this path.
    pub(crate) async fn token(&self, path: &str) -> Result<String> {
        let link = format!("{path}?token=");
        let found = || {
            let mails = self.mails().unwrap_or_default();
            let tokens: HashSet<String> = mails.iter().flat_map(|mail| tokens(mail, &link)).collect();
            tokens.into_iter().next()
        };
        eventually(SOON, async || found().is_some())
            .await
            .with_context(|| format!("no mail with {link}"))?;
        found().context("no token")
    }

    pub(crate) async fn state(&self, id: &str) -> Result<String> {
        let (status, body) = self.person.get(&format!("/api/dsar/exports/{id}")).await?;
        ensure!(status == StatusCode::OK, "{status} {body}");
        Ok(body["state"].as_str().context("no state")?.to_owned())
    }

    pub(crate) async fn becomes(&self, id: &str, state: &str) -> Result<()> {
        let outcome = eventually(SOON, async || self.state(id).await.is_ok_and(|now| now == state)).await;
        outcome.with_context(|| format!("the request does not become {state}"))
    }

    /// Sends the page's form.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Result<reqwest::Response> {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self
            .server
            .client
            .anonymous(Method::POST, path)
            .body(body.join("&"));
        Ok(request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .send()
            .await?)
    }
}

/// Soft line breaks and `=3D` of quoted-printable (RFC 2045) undone.
fn decoded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

pub(crate) fn tokens(mail: &str, link: &str) -> Vec<String> {
    let ends = |text: &str| {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    mail.split(link).skip(1).map(ends).collect()
}

/// `levqor dsar verify`; whether it accepts, and what it prints.
pub(crate) async fn verify(file: &Path, more: &[&str]) -> Result<(bool, Value)> {
    let file = file.to_str().context("the file's name")?;
    let arguments = [&["dsar", "verify", file, "--json"], more].concat();
    let process = Process::levqor(&arguments, &[])?;
    let status = process.wait(SOON).await?;
    Ok((status.success(), serde_json::from_str(&process.stdout())?))
}
