//! Cleans up after a test process that was killed or that left a server in a static.
//!
//! A parent-death signal needs unsafe code in a `pre_exec` and is bound to the spawning thread, which in tests
//! ends early. So one `sh` per test process reads a pipe from us: the kernel closes the pipe however we die, then
//! the shell kills what we started and removes our folders. It runs in a process group of its own, so that
//! Ctrl-C does not end it first. Linux only (it asks /proc whether a process id still is what it was).

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use parking_lot::Mutex;

/// `watch SIGNAL PID FOLDER` and `folder FOLDER` lines until the pipe ends. A process is killed only while its
/// working folder still lies in the folder it was watched with: ids are reused, our folders are not.
const SCRIPT: &str = r#"
watched=""
folders=""
while read -r what signal pid folder; do
  case $what in
    watch) watched="$watched $signal:$pid:$folder" ;;
    folder) folders="$folders $signal" ;;
  esac
done
for entry in $watched; do
  signal=${entry%%:*}; rest=${entry#*:}; pid=${rest%%:*}; folder=${rest#*:}
  case $(readlink "/proc/$pid/cwd") in
    "$folder"*) kill -CONT "$pid"; kill "-$signal" "$pid"
      tries=0
      while kill -0 "$pid" && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done ;;
  esac
done
for folder in $folders; do rm -rf "$folder"; done
"#;

static WATCHDOG: Mutex<Option<Child>> = Mutex::new(None);

/// Removes `folder` when this process has died.
pub(crate) fn watch_folder(folder: &Path) -> Result<()> {
    tell(&format!("folder {}\n", folder.display()))
}

/// Sends `signal` (a name without SIG) to `pid` when this process has died and `pid` still works in `folder`.
pub(crate) fn watch_process(signal: &str, pid: u32, folder: &Path) -> Result<()> {
    tell(&format!("watch {signal} {pid} {}\n", folder.display()))
}

fn tell(line: &str) -> Result<()> {
    let mut watchdog = WATCHDOG.lock();
    let child = match &mut *watchdog {
        Some(child) => child,
        none => none.insert(start()?),
    };
    let pipe = child.stdin.as_mut().context("the watchdog has no pipe")?;
    pipe.write_all(line.as_bytes())
        .context("the watchdog does not listen")
}

fn start() -> Result<Child> {
    Command::new("sh")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("start the watchdog shell")
}
