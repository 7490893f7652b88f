//! What goes between the evaluator and its helper: frames of a 32-bit little-endian length and a body.
//!
//! ```text
//! first frame   limits     memory u64, output_bytes u64, seconds u64
//! then          request    reset u8, source, slot count u32, slots (the first is `.`, the others variables)
//!               slot       name, known u8, content unless known
//!               reply      ok u8, JSON text or error sentence
//! ```
//!
//! Names, sources and contents are byte strings with a 32-bit length. A helper keeps the last content of each slot, so
//! that a document or a large variable crosses once for all expressions evaluated on it in a row.

/// Largest frame, in bytes: all inputs of one evaluation as JSON.
pub(crate) const MAX_FRAME: usize = 64 * 1024 * 1024;

/// Most slots a helper keeps.
pub(crate) const MAX_SLOTS: usize = 32;

/// Limits a helper puts on itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of address space above what it has when it starts.
    pub(crate) memory: u64,
    /// Longest result as JSON, in bytes.
    pub(crate) output_bytes: u64,
    /// CPU seconds for one evaluation: a backstop should the parent die before it can kill.
    pub(crate) seconds: u64,
}

impl Limits {
    pub(crate) fn encode(self) -> Vec<u8> {
        [self.memory, self.output_bytes, self.seconds]
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    }

    pub(crate) fn decode(frame: &[u8]) -> Option<Self> {
        let mut reader = Reader(frame);
        Some(Self {
            memory: reader.u64()?,
            output_bytes: reader.u64()?,
            seconds: reader.u64()?,
        })
    }
}

/// A value `.` or a variable, for a helper.
pub(crate) struct Slot<'a> {
    /// Empty for `.`.
    pub(crate) name: &'a str,
    /// JSON; none when the helper has it.
    pub(crate) content: Option<&'a [u8]>,
}

/// One evaluation.
pub(crate) struct Request<'a> {
    /// Forget all slots first.
    pub(crate) reset: bool,
    pub(crate) source: &'a str,
    pub(crate) slots: Vec<Slot<'a>>,
}

impl<'a> Request<'a> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut frame = vec![u8::from(self.reset)];
        put(&mut frame, self.source.as_bytes());
        frame.extend(length(self.slots.len()));
        for slot in &self.slots {
            put(&mut frame, slot.name.as_bytes());
            frame.push(u8::from(slot.content.is_none()));
            if let Some(content) = slot.content {
                put(&mut frame, content);
            }
        }
        frame
    }

    pub(crate) fn decode(frame: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(frame);
        let reset = reader.u8()? == 1;
        let source = reader.text()?;
        let count = reader.u32()?;
        let slots = (0..count).map(|_| reader.slot()).collect::<Option<_>>()?;
        Some(Self { reset, source, slots })
    }
}

fn put(frame: &mut Vec<u8>, bytes: &[u8]) {
    frame.extend(length(bytes.len()));
    frame.extend_from_slice(bytes);
}

/// A length as it stands before a frame or string. Lengths past 4 GiB do not occur: frames are bounded.
pub(crate) fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.u32()?;
        self.take(usize::try_from(count).ok()?)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn slot(&mut self) -> Option<Slot<'a>> {
        let name = self.text()?;
        let content = if self.u8()? == 1 {
            None
        } else {
            Some(self.bytes()?)
        };
        Some(Slot { name, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_wire() {
        let slots = vec![
            Slot {
                name: "",
                content: Some(b"{}"),
            },
            Slot {
                name: "context",
                content: None,
            },
        ];
        let frame = Request {
            reset: true,
            source: ".a",
            slots,
        }
        .encode();
        let request = Request::decode(&frame).unwrap();
        assert!(request.reset);
        assert_eq!(request.source, ".a");
        let slots: Vec<_> = request
            .slots
            .iter()
            .map(|slot| (slot.name, slot.content))
            .collect();
        assert_eq!(slots, [("", Some(b"{}".as_slice())), ("context", None)]);
    }

    #[test]
    fn a_cut_frame_is_refused() {
        let slots = vec![Slot {
            name: "item",
            content: Some(b"[1]"),
        }];
        let frame = Request {
            reset: false,
            source: ".",
            slots,
        }
        .encode();
        for end in 0..frame.len() {
            assert!(Request::decode(&frame[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn limits_survive_the_wire() {
        let limits = Limits {
            memory: 1 << 40,
            output_bytes: 7,
            seconds: 3,
        };
        assert_eq!(Limits::decode(&limits.encode()), Some(limits));
    }
}
