//! More runs than queue and workers hold, of low priority, and then a few urgent ones: when nothing is harmed, so that
//! the order is the product's own.

use futures::{StreamExt, stream};
use serde_json::json;

use super::{
    batch::send_starts,
    context::Context,
    plan::{Again, Op},
};
use crate::history::{Kind, Priority};

/// Runs of a request.
const ITEMS: usize = 1_000;

/// Urgent runs.
const URGENT: usize = 40;

/// Requests under way at once.
const PARALLEL: usize = 4;

/// Sends `low` runs, then the urgent ones; numbers of ops begin with `first`.
pub(super) async fn send(context: &Context, first: u64, low: usize) {
    let ops: Vec<Op> = (first..)
        .take(low)
        .map(|number| op(number, Priority::Low))
        .collect();
    stream::iter(ops.chunks(ITEMS))
        .for_each_concurrent(PARALLEL, |ops| async move {
            let starts = ops.iter().map(|op| context.start(op)).collect();
            send_starts(context, 0, starts).await;
        })
        .await;
    let urgent = (first + low as u64..).take(URGENT);
    let starts = urgent.map(|number| context.start(&op(number, Priority::High)));
    send_starts(context, 0, starts.collect()).await;
}

fn op(number: u64, priority: Priority) -> Op {
    Op {
        number,
        kind: Kind::Burst,
        priority,
        tenant: 0,
        input: json!({}),
        callback: false,
        again: Again::Never,
        clash: false,
        watch: false,
        after: 0,
    }
}
