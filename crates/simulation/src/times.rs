//! Times of the product, in microseconds, as worker and scheduler have them (`worker/src/options.rs`,
//! `scheduler/src/services/`), and those of the simulation itself.

use crate::Micros;

pub(crate) const MS: Micros = 1_000;
pub(crate) const SECOND: Micros = 1_000_000;

/// The store's clock at the beginning, microseconds since 1970.
pub(crate) const EPOCH: Micros = 1_763_803_200_000_000;

/// Faults happen until then.
pub(crate) const CALM: Micros = 45 * SECOND;
/// All must be over so long after the last fault.
pub(crate) const PATIENCE: Micros = 300 * SECOND;

/// A worker's lease; the same in workers and the rescuer.
pub(crate) const LEASE: Micros = 10 * SECOND;
/// Activities stop after so long without a beat: the lease less its margin of 2 s.
pub(crate) const DOUBT: Micros = 8 * SECOND;
pub(crate) const BEAT: Micros = SECOND;
/// How long a cancelled call may take to come to an end by itself.
pub(crate) const GRACE: Micros = SECOND;
/// How often, and from which age on, calls are watched for their inbox.
pub(crate) const WATCH: Micros = SECOND;
pub(crate) const SWEEP: Micros = 30 * SECOND;
/// Each step of a drain after its grace.
pub(crate) const AFTER_GRACE: Micros = 3 * SECOND;
/// A release that failed is repeated after it.
pub(crate) const RELEASE_PAUSE: Micros = 200 * MS;
/// A step backwards of the store's clock that a worker follows and does not smooth over.
pub(crate) const CLOCK_STEP: Micros = 5 * SECOND;

pub(crate) const LEADER_LEASE: Micros = 3 * SECOND;
pub(crate) const LEADER_PAUSE: Micros = SECOND;
/// The rescuer's pass.
pub(crate) const RESCUER_PAUSE: Micros = SECOND;
/// How often it looks for what came late to a dead worker (P10).
pub(crate) const RESCUE: Micros = 5 * SECOND;
/// A pass later than this after the one before proves nothing.
pub(crate) const RESCUER_GAP: Micros = 3 * SECOND;
/// The timers' look while one is near; the product looks every 25 ms.
pub(crate) const TIMERS_NEAR: Micros = 100 * MS;
pub(crate) const TIMERS_FAR: Micros = SECOND;
/// The relay's look while hints wait, and while none do.
pub(crate) const RELAY_BUSY: Micros = 100 * MS;
pub(crate) const RELAY_IDLE: Micros = 200 * MS;
/// A run accepted this short a time ago has been hinted by the API itself.
pub(crate) const RELAY_FRESH: Micros = 150 * MS;
/// A run whose early hint left this short a time before its commit is hinted no more (`HEEDED` of the queue).
pub(crate) const HEEDED: Micros = 1_500;
/// How long a worker looks for a run that is coming (`AWAITED` of the queue).
pub(crate) const AWAITED: Micros = 3 * MS;
/// A queue that stays empty this long while runs are pending has lost their hints.
pub(crate) const RELAY_LOST: Micros = SECOND;
/// The whole backlog is read again so often.
pub(crate) const RELAY_RESCAN: Micros = 60 * SECOND;
pub(crate) const OUTBOX_BUSY: Micros = 100 * MS;
pub(crate) const OUTBOX_IDLE: Micros = SECOND;
/// First lease of an outbox row; doubled with each try.
pub(crate) const OUTBOX_LEASE: Micros = 10 * SECOND;

/// How long the API repeats a commit of unknown outcome.
pub(crate) const API_GIVES_UP: Micros = 5 * SECOND;
/// How long a caller waits for the API before it asks again.
pub(crate) const CALLER_WAITS: Micros = 8 * SECOND;
