//! The context that travels: `traceparent` of W3C Trace Context, Level 2.

use std::fmt;

use crate::{SpanId, TraceId};

/// The flags that are passed on: sampled, and that the trace id is random. Others must be zero (3.2.2.5).
const KNOWN_FLAGS: u8 = 0b11;

/// Somebody records the trace.
const SAMPLED: u8 = 0b01;

/// A span of a trace, as others are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// Of which trace.
    pub trace: TraceId,
    /// The span: for whoever is told, its parent.
    pub span: SpanId,
    flags: u8,
}

impl TraceContext {
    /// A span of a trace that is recorded.
    pub fn sampled(trace: TraceId, span: SpanId) -> Self {
        Self {
            trace,
            span,
            flags: SAMPLED,
        }
    }

    /// From a header's value. None for one that the specification calls invalid; of a version that is not known, what the
    /// first version defines is read (3.2.4, 4.3).
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.splitn(5, '-');
        let mut part = |digits| number(parts.next()?, digits);
        let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        Some(Self {
            trace: TraceId::new(trace)?,
            span: SpanId::new(u64::try_from(span).ok()?)?,
            flags: u8::try_from(flags).ok()? & KNOWN_FLAGS,
        })
    }

    /// As it is stored: trace id, span id, flags.
    pub fn to_bytes(self) -> [u8; 25] {
        let mut bytes = [self.flags; 25];
        bytes[..16].copy_from_slice(&self.trace.to_bytes());
        bytes[16..24].copy_from_slice(&self.span.to_bytes());
        bytes
    }

    /// From what is stored; None when it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (trace, rest) = bytes.split_first_chunk::<16>()?;
        let (span, flags) = rest.split_first_chunk::<8>()?;
        let &[flags] = flags else { return None };
        Some(Self {
            trace: TraceId::new(u128::from_be_bytes(*trace))?,
            span: SpanId::new(u64::from_be_bytes(*span))?,
            flags,
        })
    }

    /// Whether somebody records the trace.
    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Another span of the same trace.
    pub fn at(self, span: SpanId) -> Self {
        Self { span, ..self }
    }

    /// The flags, as OTLP carries them.
    pub fn flags(self) -> u8 {
        self.flags
    }
}

impl fmt::Display for TraceContext {
    /// The value of the header `traceparent`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags)
    }
}

/// So many lower-case hexadecimal digits.
fn number(text: &str, digits: usize) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let valid = text.len() == digits && text.bytes().all(is_digit);
    valid.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_valid_context_comes_back_as_text_and_as_bytes() {
        let context = TraceContext::parse(VALID).unwrap();
        assert!(context.is_sampled());
        assert_eq!(context.to_string(), VALID);
        assert_eq!(TraceContext::from_bytes(&context.to_bytes()), Some(context));
        assert_eq!(context.trace.to_string(), "0af7651916cd43dd8448eb211c80319c");
        let quiet = TraceContext::parse(&VALID.replace("-01", "-00")).unwrap();
        assert!(!quiet.is_sampled());
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known_and_unknown_flags_are_dropped() {
        let later = TraceContext::parse(&format!("cc{}-what-comes", &VALID[2..])).unwrap();
        assert_eq!(later.to_string(), VALID);
        let flags = TraceContext::parse(&VALID.replace("-01", "-ff")).unwrap();
        assert_eq!(flags.to_string(), VALID.replace("-01", "-03"));
    }

    #[test]
    fn what_the_specification_calls_invalid_is_no_context() {
        for header in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(header), None, "{header}");
        }
        assert_eq!(TraceContext::from_bytes(&[1; 24]), None);
        assert_eq!(TraceContext::from_bytes(&[1; 26]), None);
        assert_eq!(TraceContext::from_bytes(&[0; 25]), None);
    }
}
