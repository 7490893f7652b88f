//! How a client's connection starts.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use tokio::io::AsyncWriteExt;

use super::line::{Line, Message, text};

/// User, database and what a session is opened with, by lower-case name.
pub(super) type Parameters = BTreeMap<String, String>;

/// The first four bytes of what a client may start with.
const VERSION_3: [u8; 4] = 196_608_u32.to_be_bytes();
const CANCEL: [u8; 4] = 80_877_102_u32.to_be_bytes();
const TLS: [u8; 4] = 80_877_103_u32.to_be_bytes();
const GSS: [u8; 4] = 80_877_104_u32.to_be_bytes();

/// What PgBouncer takes without `ignore_startup_parameters`. It would look into `options`; here they are refused.
const KNOWN: [&str; 7] = [
    "user",
    "database",
    "client_encoding",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
    "application_name",
];

/// Reads until the client says who it is. None when it only wanted to cancel something.
pub(super) async fn read(line: &mut Line) -> Result<Option<Parameters>> {
    loop {
        let body = line.reader.body().await?;
        match body.first_chunk() {
            Some(&(TLS | GSS)) => line.writer.write_all(b"N").await?,
            Some(&CANCEL) => return Ok(None),
            Some(&VERSION_3) => return parameters(line, body.slice(4..)).await.map(Some),
            _ => bail!("a start that is not of version 3"),
        }
    }
}

/// Name and value in turn. The application's name is no reason for a session of its own.
async fn parameters(line: &mut Line, mut rest: bytes::Bytes) -> Result<Parameters> {
    let mut parameters = Parameters::new();
    while rest.first().is_some_and(|byte| *byte != 0) {
        let (name, after) = text(&rest)?;
        let (value, after) = text(&after)?;
        rest = after;
        let name = String::from_utf8_lossy(&name).to_lowercase();
        if !KNOWN.contains(&name.as_str()) {
            let why = format!("unsupported startup parameter: {name}");
            line.send(&[Message::error("FATAL", "08P01", &why)]).await?;
            bail!(why);
        }
        parameters.insert(name, String::from_utf8_lossy(&value).into_owned());
    }
    parameters.remove("application_name");
    Ok(parameters)
}
