//! What can happen next.

/// One step of one party. Statements are named by their place in the sorted list of those under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The API sends the intake of this run.
    Accept(u8),
    /// Somebody sends this message.
    Send(u8),
    /// A statement takes its snapshot.
    Begin(usize),
    /// It gets its locks, compares again, writes and commits.
    Commit(usize),
    /// Its second statement reads.
    Read(usize),
    /// The relay reads the backlog and rings for this run.
    Relay(u8),
    /// A worker takes this hint from the queue and claims.
    Fetch(u8, usize),
    /// A worker starts the call that its run is ready for.
    Call(u8),
    /// A call comes back.
    Return(u8),
    /// A worker releases a run that names it and that it does not know (P10).
    Sweep(u8, u8),
    /// Half a lease passes on the rescuer's monotonic clock.
    Tick,
    /// The rescuer declares a worker dead.
    Bury(u8),
    /// The rescuer makes a pass.
    Rescue,
    /// The time of `run_at` comes.
    Due,
    /// The leader fires timers.
    Fire,
    /// A paused worker goes on.
    Resume(u8),
    /// A worker learns that it was declared dead, or has nothing left after its drain, and exits.
    Exit(u8),
    /// A worker whose run is calling looks into its inbox.
    Look(u8),
    /// The client of a statement hears nothing and repeats it.
    Lose(usize),
    /// A statement without a client never commits.
    Die(usize),
    /// A worker process ends at once.
    Crash(u8),
    /// A worker process stands still.
    Pause(u8),
    /// A worker gives its run back and leaves.
    Drain(u8),
    /// The queue loses a hint.
    LoseHint(usize),
    /// The queue doubles a hint.
    DoubleHint(usize),
    /// The queue has a hint that nobody sent.
    StrayHint(u8),
    /// The wall clock jumps.
    JumpClock,
}

impl Action {
    /// The method of the store that it is, where it is one without a statement of its own here.
    pub const fn method(self) -> Option<&'static str> {
        Some(match self {
            Self::Relay(_) => "ready",
            Self::Sweep(..) => "owned",
            Self::Tick => "beats",
            Self::Bury(_) => "bury",
            Self::Resume(_) => "beat",
            Self::Exit(_) => "retire_worker",
            Self::Look(_) => "inbox_after",
            _ => return None,
        })
    }
}
