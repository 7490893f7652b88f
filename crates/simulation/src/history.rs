//! What happened, in order: a digest always, the lines when somebody wants to read them.

use std::fmt::{self, Write};

use crate::Micros;

/// FNV-1a over the lines (Fowler, Noll, Vo): two plays of a seed are compared by it, nobody has to be kept from
/// forging one.
struct Digest(u64);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

pub(crate) struct History {
    digest: Digest,
    lines: Option<Vec<String>>,
}

impl History {
    pub(crate) fn new(keep: bool) -> Self {
        Self {
            digest: Digest(0xcbf2_9ce4_8422_2325),
            lines: keep.then(Vec::new),
        }
    }

    pub(crate) fn note(&mut self, at: Micros, what: fmt::Arguments<'_>) {
        // Writing to a number cannot fail.
        let _ = writeln!(self.digest, "{at} {what}");
        if let Some(lines) = &mut self.lines {
            let (seconds, micros) = (at / 1_000_000, at % 1_000_000);
            lines.push(format!("{seconds:>4}.{micros:06}  {what}"));
        }
    }

    pub(crate) fn finish(self) -> (u64, Vec<String>) {
        (self.digest.0, self.lines.unwrap_or_default())
    }
}
