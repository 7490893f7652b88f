//! Where a worker reports, for metrics.

use std::time::Duration;

use levqor_store::{EndState, batch};

/// An attempt of an activity or an HTTP call that is over.
#[derive(Clone, Copy, Debug)]
pub struct Attempted<'a> {
    /// The activity's name; `http` for HTTP calls. A small set: the registry's.
    pub call: &'a str,
    /// An HTTP call that was answered with 400 or more has failed too. Without an outcome it was stopped from outside and is
    /// not told of.
    pub failed: bool,
    /// From its start to its outcome.
    pub took: Duration,
}

/// A run whose end was committed.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// `namespace/name`; None when its document could not be loaded. As many as tenants like.
    pub workflow: Option<&'a str>,
    /// How.
    pub state: EndState,
    /// From its acceptance, waits included.
    pub took: Duration,
}

/// Told of what the worker does. Called often: count, do not work.
pub trait Observer: batch::Observer {
    /// A run was claimed for the first time, so long after it could have been.
    fn started(&self, waited: Duration);

    /// An attempt is over.
    fn attempted(&self, attempted: &Attempted<'_>);

    /// A run is over.
    fn ended(&self, ended: &Ended<'_>);
}

/// Nobody listens.
impl Observer for () {
    fn started(&self, _: Duration) {}

    fn attempted(&self, _: &Attempted<'_>) {}

    fn ended(&self, _: &Ended<'_>) {}
}
