//! Row 4.1 of the domain: whatever order events come in, and however often each, the same is known at the end.

use levqor_billing::{About, Event, Facts, How, Standing, SubscriptionFacts, standing};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

/// What is known after these events.
fn known(events: &[Value]) -> (Facts, SubscriptionFacts) {
    events.iter().fold(
        Default::default(),
        |(invoice, subscription), event| match Event::of(event.to_string().as_bytes()).about() {
            Ok(About::Invoice(_, facts)) => (Facts::merge(invoice, facts), subscription),
            Ok(About::Subscription(_, facts)) => (invoice, subscription.merge(facts)),
            other => panic!("{other:?} of {event}"),
        },
    )
}

fn stands(events: &[Value]) -> Standing {
    let (invoice, subscription) = known(events);
    standing(&invoice, Some(&subscription))
}

fn event(number: usize, second: i64, kind: &str, object: impl Into<Value>) -> Value {
    let object = object.into();
    json!({"id": format!("evt_{number}"), "type": kind, "created": 1_700_000_000 + second, "data": {"object": object}})
}

fn invoice(status: &str, due: i64, remaining: i64, attempts: i64) -> Value {
    json!({"id": "in_1", "object": "invoice", "customer": "cus_1", "status": status, "amount_due": due,
        "amount_remaining": remaining, "attempt_count": attempts, "currency": "gbp", "billing_reason":
        "subscription_cycle", "subscription": "sub_1"})
}

/// Any event about one invoice and its subscription, within a few seconds, so that ties are many.
fn any_event() -> impl Strategy<Value = (i64, &'static str, Value)> {
    let kinds = prop::sample::select(vec![
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.paid",
        "invoice.voided",
        "invoice.marked_uncollectible",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
    ]);
    let statuses = prop::sample::select(vec!["draft", "open", "paid", "void", "uncollectible"]);
    (
        0..4_i64,
        kinds,
        statuses,
        0..3_i64,
        0..3_i64,
        0..4_i64,
        any::<bool>(),
    )
        .prop_map(|(second, kind, status, due, remaining, attempts, unpaid)| {
            let reason = if unpaid {
                "payment_failed"
            } else {
                "cancellation_requested"
            };
            let object = if kind.starts_with("invoice.") {
                invoice(status, due * 500, remaining * 500, attempts)
            } else {
                json!({"id": "sub_1", "customer": "cus_1", "cancellation_details": {"reason": reason}})
            };
            (second, kind, object)
        })
}

fn any_events() -> impl Strategy<Value = Vec<Value>> {
    vec(any_event(), 1..9).prop_map(|events| {
        let numbered = events.into_iter().enumerate();
        numbered
            .map(|(number, (second, kind, object))| event(number, second, kind, object))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn domain_4_1_any_order_and_repetition_gives_the_same_facts(
        events in any_events(),
        keys in vec(any::<u64>(), 9),
        repeats in vec(any::<Index>(), 0..6),
    ) {
        let mut other: Vec<(u64, Value)> = keys.into_iter().zip(events.iter().cloned()).collect();
        other.sort_by_key(|(key, _)| *key);
        let mut other: Vec<Value> = other.into_iter().map(|(_, event)| event).collect();
        for repeat in repeats {
            let again = repeat.get(&events).clone();
            other.insert(repeat.index(other.len() + 1), again);
        }
        prop_assert_eq!(known(&events), known(&other));
    }

    /// Batches are merged into what is stored: how events are cut into batches must not matter either.
    #[test]
    fn domain_4_1_facts_of_parts_merge_to_the_facts_of_all(events in any_events(), cut in any::<Index>()) {
        let cut = cut.index(events.len());
        let ((one, sub_one), (two, sub_two)) = (known(&events[..cut]), known(&events[cut..]));
        let whole = known(&events);
        prop_assert_eq!(&one.clone().merge(two.clone()), &whole.0);
        prop_assert_eq!(&two.merge(one), &whole.0);
        prop_assert_eq!(&sub_one.clone().merge(sub_two.clone()), &whole.1);
        prop_assert_eq!(&sub_two.merge(sub_one), &whole.1);
    }

    #[test]
    fn domain_4_1_facts_survive_being_stored(events in any_events()) {
        let (facts, subscription) = known(&events);
        let stored = serde_json::to_string(&(&facts, &subscription)).unwrap();
        prop_assert_eq!(serde_json::from_str::<(Facts, SubscriptionFacts)>(&stored).unwrap(), (facts, subscription));
    }

    /// Whatever else is said of it before or after, a paid invoice is paid.
    #[test]
    fn domain_4_1_paid_is_for_ever(events in any_events(), at in any::<Index>(), second in 0..4_i64) {
        let mut events = events;
        let paid = event(99, second, "invoice.paid", invoice("paid", 500, 0, 1));
        events.insert(at.index(events.len() + 1), paid);
        prop_assert_eq!(stands(&events), Standing::Ended(How::Paid));
    }
}

fn failed(second: i64) -> Value {
    event(1, second, "invoice.payment_failed", invoice("open", 500, 500, 1))
}

fn is_past_due(events: &[Value]) -> bool {
    matches!(stands(events), Standing::PastDue(_))
}

#[test]
fn domain_4_1_a_failure_reported_late_does_not_reopen_what_is_paid() {
    let paid = event(2, 60, "invoice.paid", invoice("paid", 500, 0, 2));
    assert!(is_past_due(&[failed(0)]));
    assert_eq!(stands(&[paid.clone(), failed(0)]), Standing::Ended(How::Paid));
    assert_eq!(stands(&[paid, failed(120)]), Standing::Ended(How::Paid));
}

#[test]
fn domain_4_3_an_older_view_does_not_replace_a_newer_one() {
    let newer = event(2, 60, "invoice.updated", invoice("open", 500, 200, 2));
    let (facts, _) = known(&[newer, failed(0)]);
    assert_eq!(facts.newest.unwrap().remaining, 200);
}

#[test]
fn domain_4_4_zero_and_manual_invoices_are_never_past_due() {
    let zero = event(1, 0, "invoice.payment_failed", invoice("open", 0, 0, 1));
    let mut object = invoice("open", 500, 500, 1);
    object["billing_reason"] = json!("manual");
    let manual = event(1, 0, "invoice.payment_failed", object);
    assert_eq!(stands(&[zero]), Standing::Clear);
    assert_eq!(stands(&[manual]), Standing::Clear);
}

#[test]
fn domain_4_7_a_payment_that_waits_for_the_bank_makes_an_invoice_past_due_from_then_on() {
    let waits = event(
        1,
        5,
        "invoice.payment_action_required",
        invoice("open", 500, 500, 1),
    );
    let (facts, _) = known(&[failed(9), waits]);
    assert_eq!(facts.since(), facts.action);
    assert!(facts.action < facts.failed);
}

#[test]
fn domain_4_10_void_uncollectible_and_an_ended_or_paused_subscription_end_it() {
    let subscription = |kind: &str, reason: &str| {
        let object = json!({"id": "sub_1", "cancellation_details": {"reason": reason}});
        event(2, 60, kind, object)
    };
    let void = event(2, 60, "invoice.voided", invoice("void", 500, 500, 1));
    let given_up = event(
        2,
        60,
        "invoice.marked_uncollectible",
        invoice("uncollectible", 500, 500, 1),
    );
    assert_eq!(stands(&[failed(0), void]), Standing::Ended(How::Void));
    assert_eq!(
        stands(&[failed(0), given_up]),
        Standing::Ended(How::Uncollectible)
    );
    let ended = subscription("customer.subscription.deleted", "cancellation_requested");
    assert_eq!(stands(&[failed(0), ended]), Standing::Stopped);
    let paused = subscription("customer.subscription.paused", "");
    assert_eq!(stands(&[failed(0), paused.clone()]), Standing::Stopped);
    let resumed = event(3, 61, "customer.subscription.resumed", json!({"id": "sub_1"}));
    assert!(is_past_due(&[resumed, failed(0), paused]));
}

#[test]
fn a_subscription_that_stripe_ended_for_want_of_payment_leaves_the_bill_open() {
    let object = json!({"id": "sub_1", "cancellation_details": {"reason": "payment_failed"}});
    assert!(is_past_due(&[
        failed(0),
        event(2, 60, "customer.subscription.deleted", object)
    ]));
}
