//! `levqor bench`: measures this binary; prints a table or JSON, writes a page.

use levqor_bench::{BenchArgs, Host};
use levqor_store::Clock;

use crate::system::SystemClock;

/// Measures and prints.
pub(crate) async fn bench(arguments: &BenchArgs) -> anyhow::Result<()> {
    let binary = std::env::current_exe()?;
    let host = Host {
        binary: &binary,
        now: || SystemClock.now().0,
        say: |text| eprintln!("{text}"),
    };
    let report = levqor_bench::bench(arguments, host).await?;
    if let Some(file) = &arguments.html {
        std::fs::write(file, report.html())?;
    }
    if arguments.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.table());
    }
    Ok(())
}
