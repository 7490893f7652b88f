//! The fence (P3): which live rows a worker's write may change.

/// The condition on `live`: the row is the run's, at the epoch and journal row that the writer saw, which are `$1` to `$3`,
/// and at the inbox row that it saw when a parameter for that is named. Where the row stands in the arrays is looked
/// for once: that takes as long as the batch is large. Without `OFFSET 0` the planner would write it out again for each use.
macro_rules! fence {
    () => {
        fence!(@ "")
    };
    ($inbox:literal) => {
        fence!(@ concat!(" AND inbox = (", $inbox, "::int4[])[p]"))
    };
    (@ $inbox:expr) => {
        concat!(
            "id = ANY ($1::uuid[]) AND state = 1
      AND (SELECT epoch = ($2::int4[])[p] AND seq = ($3::int4[])[p]",
            $inbox,
            "
           FROM (SELECT array_position($1, id) AS p OFFSET 0) AS found)"
        )
    };
}
pub(super) use fence;
