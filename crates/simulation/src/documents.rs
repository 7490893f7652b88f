//! What the runs follow: one document for each feature that the protocol has to do with.

use std::sync::Arc;

use levqor_workflow::{Known, model::Definition, parse};
use serde_json::{Value, json};

use crate::dice::Dice;

/// `type` of the events that runs listen to.
pub(crate) const EVENT_TYPE: &str = "shop.paid";

/// Three calls in a row, with a branch.
const STEPS: &str = "
  - reserve: {call: reserve, with: {order: '${ .order }'}}
  - charge: {call: charge, with: {got: '${ .n }'}}
  - route:
      switch:
        - even: {when: '${ .n % 2 == 0 }', then: ship}
        - odd: {then: note}
  - note: {set: {n: '${ .n }', odd: true}}
  - ship: {call: ship, with: {n: '${ .n }'}}
";

/// Attempts with a delay between them; what is left over is caught.
const RETRY: &str = "
  - first: {call: reserve}
  - attempt:
      try:
        - pay: {call: charge.flaky, with: {n: '${ .n }'}}
        - tell: {call: tell.flaky}
      catch:
        as: problem
        retry:
          delay: {milliseconds: 300}
          backoff: {exponential: {}}
          limit: {attempt: {count: 4}}
        do:
          - fallback: {set: {status: '${ $problem.status }'}}
  - last: {call: ship}
";

/// A delay in the middle.
const WAIT: &str = "
  - before: {call: reserve}
  - pause: {wait: {seconds: 3}}
  - after: {call: ship, with: {n: '${ .n }'}}
  - again: {wait: {milliseconds: 400}}
";

/// The event of its order, and of no other.
const LISTEN: &str = "
  - ask: {call: reserve, output: {as: '${ {order: $input.order} }'}}
  - paid:
      listen:
        to:
          one:
            with: {type: shop.paid}
            correlate: {order: {from: .data.order, expect: '${ .order }'}}
  - ship: {call: ship, with: {amount: '${ .[0].amount }'}}
";

/// The same calls for each of several items.
const LOOP: &str = "
  - prepare: {set: {items: [1, 2, 3], sum: 0}}
  - each:
      for: {each: item, in: .items, at: place}
      do:
        - call: {call: charge, with: {item: '${ $item }'}}
        - tell: {call: tell, with: {place: '${ $place }'}}
  - close: {set: {done: true}}
";

/// Calls with a deadline each, the second attempt after the first took too long.
const HURRY: &str = "
  - guarded:
      try:
        - slow: {call: slow, timeout: {after: {milliseconds: 1500}}}
      catch:
        errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout'}}
        retry:
          delay: {milliseconds: 100}
          limit: {attempt: {count: 2}}
        do:
          - late: {set: {late: true}}
  - ship: {call: ship}
";

const ALL: [(&str, &str); 6] = [
    ("steps", STEPS),
    ("retry", RETRY),
    ("wait", WAIT),
    ("listen", LISTEN),
    ("loop", LOOP),
    ("hurry", HURRY),
];

/// Index of the document that listens.
pub(crate) const LISTENS: usize = 3;

/// Parsed once, played by every seed.
pub struct Documents(Vec<Arc<Definition>>);

impl Documents {
    /// Parses the documents.
    ///
    /// # Errors
    /// The problems of a document, as text: only a defect of this crate or of the parser leads there.
    pub fn parse() -> Result<Self, String> {
        let one = |(name, tasks): (&str, &str)| {
            let header =
                format!("document: {{dsl: '1.0.3', namespace: sim, name: {name}, version: '1.0.0'}}");
            let parsed = parse(format!("{header}\ndo:{tasks}").as_bytes(), &Known::default());
            parsed
                .map(Arc::new)
                .map_err(|problems| format!("{name}: {problems:?}"))
        };
        ALL.into_iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn get(&self, index: usize) -> Arc<Definition> {
        Arc::clone(&self.0[index % self.0.len()])
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The input of a caller's n-th run.
pub(crate) fn input(n: usize) -> Value {
    json!({ "order": n, "n": n })
}

/// What the outside answers. Small numbers, so that expressions are evaluated once for many seeds.
pub(crate) fn answer(dice: &mut Dice) -> Value {
    json!({ "n": dice.index(4) })
}

/// The event that pays an order.
pub(crate) fn payment(id: u32, order: usize) -> Value {
    json!({
        "specversion": "1.0", "id": format!("e-{id}"), "source": "/shop", "type": EVENT_TYPE,
        "data": {"order": order, "amount": order % 3},
    })
}
