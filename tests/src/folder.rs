//! A data folder while no server has it: what is in it, and what time would have changed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{TempFolder, eventually};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::Embedded;

/// Longest until a mail is in its file.
const SOON: Duration = Duration::from_mins(1);

/// A data folder, removed on drop.
#[derive(Debug)]
pub struct DataFolder {
    folder: TempFolder,
    environment: Vec<(&'static str, String)>,
}

impl DataFolder {
    /// An empty one, whose servers get this environment.
    pub fn new(environment: &[(&'static str, &str)]) -> Result<Self> {
        let environment = environment
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Ok(Self {
            folder: TempFolder::new()?,
            environment: environment.collect(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What its servers are told.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        self.environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }

    /// A server on it.
    pub async fn start(&self) -> Result<Embedded> {
        Embedded::start_with(self.path(), &self.environment()).await
    }

    /// How its database is opened.
    pub fn database(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new().filename(self.path().join("levqor.db"))
    }

    /// For reading only: a connection that writes would tidy up behind the dead when it is closed.
    async fn open(&self) -> Result<SqliteConnection> {
        Ok(self.database().read_only(true).connect().await?)
    }

    /// Changes rows, as the time that no test can wait for would have.
    pub async fn change(&self, statements: &[&str]) -> Result<()> {
        let mut database = self.database().connect().await?;
        for sql in statements {
            sqlx::query(AssertSqlSafe((*sql).to_owned()))
                .execute(&mut database)
                .await?;
        }
        Ok(database.close().await?)
    }

    /// Texts that a statement selects.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let mut database = self.open().await?;
        let texts = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut database)
            .await?;
        database.close().await?;
        Ok(texts)
    }

    /// The number that a statement selects.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let mut database = self.open().await?;
        let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut database)
            .await;
        database.close().await?;
        number.with_context(|| sql.to_owned())
    }

    /// Holds when the statement selects this number.
    pub async fn expect(&self, number: i64, sql: &str) -> Result<()> {
        let found = self.number(sql).await?;
        ensure!(found == number, "{found} instead of {number}: {sql}");
        Ok(())
    }

    /// Holds when the mails that were written have these templates, in their order, and each is in a file.
    pub async fn expect_mails(&self, templates: &[&str]) -> Result<()> {
        let found = self
            .texts("SELECT template FROM mails WHERE state = 'sent' ORDER BY id")
            .await?;
        ensure!(found == templates, "mails: {found:?}");
        self.expect(0, "SELECT count(*) FROM mails WHERE state <> 'sent'")
            .await?;
        let files = self.letters()?;
        ensure!(
            files.len() == templates.len(),
            "{} files of {} mails",
            files.len(),
            templates.len()
        );
        Ok(())
    }

    /// The mails that left, their quoted-printable text decoded as far as links need it.
    pub fn letters(&self) -> Result<Vec<String>> {
        let read = |file: &PathBuf| Ok(fs::read_to_string(file)?.replace("=\r\n", "").replace("=3D", "="));
        files(&self.path().join("mail"))?.iter().map(read).collect()
    }

    /// The first text that begins so, up to white space, a quote or a bracket, in a mail to this address, once it left.
    pub async fn link(&self, address: &str, start: &str) -> Result<String> {
        let found = || {
            let letters = self.letters().unwrap_or_default();
            letters
                .iter()
                .filter(|letter| letter.contains(address))
                .find_map(|letter| text_from(letter, start))
        };
        eventually(SOON, async || found().is_some())
            .await
            .with_context(|| format!("no mail to {address} has {start}"))?;
        found().context("the mail is gone")
    }

    /// Files in the object storage, in any order, but that of the status probe, which comes and goes.
    pub fn objects(&self) -> Result<Vec<PathBuf>> {
        let folder = self.path().join("objects");
        let mut found = files(&folder)?;
        found.retain(|file| !file.starts_with(folder.join("status")));
        Ok(found)
    }
}

/// The first text that begins so.
fn text_from(letter: &str, start: &str) -> Option<String> {
    let text = &letter[letter.find(start)?..];
    let ends = |c: char| c.is_whitespace() || "\"'<>".contains(c);
    text.split(ends).next().map(str::to_owned)
}

/// All files below a folder; none when it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(found);
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
