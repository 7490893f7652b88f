//! Which traces are recorded.

use std::{fmt, sync::Arc};

use crate::{Span, SpanId, TraceContext, TraceId};

/// Takes spans that are over. Called often: hand over, do not wait.
pub trait Sink: Send + Sync {
    /// Takes one.
    fn record(&self, span: Span);
}

/// Decides what is recorded and hands it to the sink. The default records nothing. Cheap to clone.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Recorder>>);

struct Recorder {
    /// Of 2^32 traces.
    share: f64,
    sink: Arc<dyn Sink>,
}

/// A request's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// What those are told who go on: the request's own span when it is recorded, else the caller's.
    pub context: TraceContext,
    /// The caller's span, when the request's own is recorded.
    pub parent: Option<SpanId>,
    /// Whether the request has a span here.
    pub recorded: bool,
}

impl Tracer {
    /// Records that share of the traces which begin here, 0 to 1, and of those that callers began what they record. A
    /// share of nothing records nothing at all.
    pub fn new(ratio: f64, sink: Arc<dyn Sink>) -> Self {
        let recorder = || {
            Arc::new(Recorder {
                share: ratio * 4_294_967_296.0,
                sink,
            })
        };
        Self((ratio > 0.0).then(recorder))
    }

    /// Where a request goes on that came with this context; None: in no trace. A caller's context is followed also where
    /// nothing is recorded.
    pub fn enter(&self, caller: Option<TraceContext>, random: impl Fn() -> u64) -> Option<Entered> {
        match caller {
            None => self.begin(random),
            Some(caller) if self.records(caller) => Some(Entered {
                context: caller.at(SpanId::from_random(random())),
                parent: Some(caller.span),
                recorded: true,
            }),
            Some(caller) => Some(Entered {
                context: caller,
                parent: None,
                recorded: false,
            }),
        }
    }

    /// A new trace, for the share that is recorded.
    fn begin(&self, random: impl Fn() -> u64) -> Option<Entered> {
        let recorder = self.0.as_ref()?;
        let low = random();
        // The upper half of the lower 64 bits decides, as it does for OpenTelemetry's sampler by trace id.
        let drawn = f64::from(u32::try_from(low >> 32).unwrap_or(u32::MAX));
        if drawn >= recorder.share {
            return None;
        }
        let trace = TraceId::new((u128::from(random()) << 64) | u128::from(low))?;
        Some(Entered {
            context: TraceContext::sampled(trace, SpanId::from_random(random())),
            parent: None,
            recorded: true,
        })
    }

    /// Whether anything is recorded here.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether spans of this trace are recorded here.
    pub fn records(&self, context: TraceContext) -> bool {
        self.0.is_some() && context.is_sampled()
    }

    /// Hands the span over, when its trace is recorded.
    pub fn record(&self, span: Span) {
        if let Some(recorder) = self.0.as_ref().filter(|_| span.context.is_sampled()) {
            recorder.sink.record(span);
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tracer").field(&self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use super::*;
    use crate::{
        SpanKind,
        ids::{GOLDEN, mix},
    };

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Sink for Counted {
        fn record(&self, _: Span) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    /// `SplitMix64`: how many numbers a trace draws does not bear on the next decision.
    fn spread() -> impl Fn() -> u64 {
        let last = Cell::new(0_u64);
        move || {
            last.set(last.get().wrapping_add(GOLDEN));
            mix(last.get())
        }
    }

    fn caller(flags: &str) -> Option<TraceContext> {
        TraceContext::parse(&format!(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"
        ))
    }

    #[test]
    fn the_share_of_new_traces_is_recorded() {
        let tracer = Tracer::new(0.25, Arc::<Counted>::default());
        let random = spread();
        let begun = (0..4_000).filter_map(|_| tracer.enter(None, &random)).count();
        assert!((900..1_100).contains(&begun), "{begun}");
        let all = Tracer::new(1.0, Arc::<Counted>::default());
        assert!((0..100).all(|_| all.enter(None, &random).is_some()));
        assert!(all.enter(None, || u64::MAX).is_some());
    }

    #[test]
    fn a_caller_decides_about_its_own_trace() {
        let tracer = Tracer::new(0.000_001, Arc::<Counted>::default());
        let own = tracer.enter(caller("01"), || 7).unwrap();
        assert!(own.recorded && own.parent == caller("01").map(|caller| caller.span));
        assert_eq!(own.context, caller("01").unwrap().at(SpanId::from_random(7)));
        let passed = tracer.enter(caller("00"), || 7).unwrap();
        assert_eq!((passed.recorded, Some(passed.context)), (false, caller("00")));
    }

    #[test]
    fn nothing_is_recorded_without_a_share_and_contexts_are_still_passed_on() {
        let sink = Arc::<Counted>::default();
        for tracer in [Tracer::default(), Tracer::new(0.0, sink.clone())] {
            assert_eq!(tracer.enter(None, || 0), None);
            let passed = tracer.enter(caller("01"), || 7).unwrap();
            assert_eq!((passed.recorded, Some(passed.context)), (false, caller("01")));
            tracer.record(Span::new(passed.context, None, "a", SpanKind::Internal, (0, 1)));
        }
        assert_eq!(sink.0.load(SeqCst), 0);
    }
}
