//! Traces without a library of them: the W3C context that travels with a request and a run, spans as plain data, and the
//! decision which are recorded. Who sends them is a [`Sink`]; without one everything here is a comparison with None.

mod context;
mod ids;
mod span;
mod tracer;

pub use context::TraceContext;
pub use ids::{Part, SpanId, TraceId};
pub use span::{Attribute, Span, SpanKind};
pub use tracer::{Entered, Sink, Tracer};
