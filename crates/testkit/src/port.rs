//! Ports for servers that cannot bind port 0 themselves or must come back on the same one.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Result, bail};

/// Below the range the kernel gives to outgoing connections, so that none takes the port of a stopped server.
const FIRST: u32 = 10_000;
const COUNT: u32 = 22_000;

/// A loopback port nobody listens on now, another one at each call in this process.
///
/// Processes start at different places of the range; a port can still be lost to another process between
/// this call and its use, so servers try again with another when they fail to bind.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let place = std::process::id().wrapping_mul(2_654_435_761);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + place.wrapping_add(step) % COUNT)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no loopback port of {FIRST}..{} is free", FIRST + COUNT)
}

/// `url` of a loopback server with its port `from` replaced by `to`.
pub(crate) fn with_port(url: &str, from: u16, to: u16) -> String {
    url.replacen(&format!(":{from}"), &format!(":{to}"), 1)
}
