//! What processes use, from /proc: processor time and memory of a process and all its descendants.

use std::{collections::HashMap, fs, time::Duration};

/// Clock ticks a second in /proc/PID/stat; the same on all Linux platforms Rust supports.
const TICKS: u64 = 100;

/// User and system time of this process, the load generator, alone.
pub(crate) fn own_cpu() -> Duration {
    let own = Stat::of(std::process::id());
    Duration::from_millis(own.map_or(0, |stat| stat.own) * 1_000 / TICKS)
}

/// User and system time of `roots` and their descendants that are alive. A root that is gone counts as nothing.
pub(crate) fn cpu(roots: &[u32]) -> Duration {
    let ticks: u64 = family(roots)
        .iter()
        .filter_map(|pid| Stat::of(*pid))
        .map(|stat| stat.ticks)
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}

/// Proportional set size in bytes: memory, with shared pages divided among those who share them.
pub(crate) fn memory(roots: &[u32]) -> u64 {
    family(roots).iter().filter_map(|pid| pss(*pid)).sum()
}

fn pss(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

struct Stat {
    parent: u32,
    /// Of the process itself.
    own: u64,
    /// With children that ended.
    ticks: u64,
}

impl Stat {
    /// The command name may hold spaces and brackets, so fields are counted from the last `)`.
    fn of(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        // utime, stime and those of waited-for children: fields 14 to 17 of proc(5).
        let own = number(11)? + number(12)?;
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            own,
            ticks: own + number(13)? + number(14)?,
        })
    }
}

/// The roots and everything below them.
fn family(roots: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for pid in processes() {
        if let Some(stat) = Stat::of(pid) {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut found: Vec<u32> = Vec::new();
    let mut open = roots.to_vec();
    while let Some(pid) = open.pop() {
        if !found.contains(&pid) {
            found.push(pid);
            open.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_has_a_parent() {
        assert!(memory(&[std::process::id()]) > 100_000);
        assert!(Stat::of(std::process::id()).unwrap().parent > 0);
    }

    #[test]
    fn a_process_that_is_gone_counts_as_nothing() {
        assert_eq!((cpu(&[u32::MAX]), memory(&[u32::MAX])), (Duration::ZERO, 0));
    }
}
