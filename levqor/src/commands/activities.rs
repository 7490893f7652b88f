//! `levqor activities`: what documents can call.

/// Prints a JSON array: name, description, schemas of input and output.
pub(crate) fn list() -> anyhow::Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(&levqor_worker::registry().describe())?
    );
    Ok(())
}
