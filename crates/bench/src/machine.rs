//! The machine that is measured, in the words of its own files.

use std::{
    fs,
    io::{Seek, Write},
    time::Instant,
};

use levqor_testkit::TempFolder;

use crate::record::quantile;

/// Writes that are timed.
const WRITES: usize = 200;

/// Names and values, for people.
#[derive(Clone, Debug)]
pub(crate) struct Machine(pub(crate) Vec<(String, String)>);

impl Machine {
    pub(crate) async fn look() -> anyhow::Result<Self> {
        let fsync = tokio::task::spawn_blocking(fsync_micros).await??;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let version = env!("CARGO_PKG_VERSION");
        let build = if cfg!(debug_assertions) {
            "debug: figures of this build say nothing"
        } else {
            "release"
        };
        let facts = [
            ("levqor", version.to_owned()),
            ("build", build.to_owned()),
            ("cores", cores.to_string()),
            ("processor", line("/proc/cpuinfo", "model name")),
            ("memory", line("/proc/meminfo", "MemTotal")),
            ("kernel", whole("/proc/sys/kernel/osrelease")),
            ("system", line("/etc/os-release", "PRETTY_NAME")),
            ("load average before", whole("/proc/loadavg")),
            (
                "8 KiB write and fdatasync in the temporary folder, median",
                format!("{fsync:.0} µs"),
            ),
        ];
        Ok(Self(facts.map(|(name, value)| (name.to_owned(), value)).into()))
    }
}

fn whole(file: &str) -> String {
    fs::read_to_string(file).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The value of the first line `name : value` or `name="value"`.
fn line(file: &str, name: &str) -> String {
    let text = whole(file);
    let rest = text.lines().find_map(|line| line.strip_prefix(name));
    rest.map_or_else(
        || "unknown".to_owned(),
        |rest| {
            rest.trim_start_matches([' ', '\t', ':', '='])
                .trim_matches(['"', ' '])
                .to_owned()
        },
    )
}

/// Median time to make 8 KiB durable, in a file of its own that is written over.
fn fsync_micros() -> anyhow::Result<f64> {
    let folder = TempFolder::new()?;
    let mut file = fs::File::create(folder.path().join("fsync"))?;
    let mut micros = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begin = Instant::now();
        file.rewind()?;
        file.write_all(&[7; 8_192])?;
        file.sync_data()?;
        micros.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    Ok(quantile(&micros, 0.5))
}
