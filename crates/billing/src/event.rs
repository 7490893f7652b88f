//! Reading an event: the few members that are needed, wherever this and older API versions of Stripe put them. A member
//! that is missing makes an event unreadable only where nothing can be decided without it.

use levqor_store::{TenantId, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{End, Facts, How, Snapshot, SubscriptionEnd, SubscriptionFacts, Switch};

/// Longest id and type, in bytes.
const NAME: usize = 200;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Stripe's id; of a body without one, `sha256:` and its digest.
    pub id: String,
    /// Its `type`; empty when there is none.
    pub kind: String,
    /// Stripe's id of the customer it is about.
    pub customer: Option<String>,
    body: Value,
}

/// What an event tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Of this invoice.
    Invoice(String, Facts),
    /// Of this subscription.
    Subscription(String, SubscriptionFacts),
    /// That the customer pays for this tenant.
    Payer(Claim),
    /// Nothing that is asked for here.
    Nothing,
}

/// A customer that says which tenant it pays for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The tenant.
    pub tenant: TenantId,
    /// Where letters go.
    pub email: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
}

/// A member that nothing can be decided without is missing or has another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing or has an unknown form")]
pub struct Unreadable(pub &'static str);

impl Event {
    /// Reads any body: one that is no event has an id too, so that it can be kept.
    pub fn of(body: &[u8]) -> Self {
        let read: Value = serde_json::from_slice(body).unwrap_or_default();
        let digest = || format!("sha256:{}", hex::encode(Sha256::digest(body)));
        let object = &read["data"]["object"];
        let customer = match object["object"].as_str() {
            Some("customer") => name(&object["id"]),
            _ => reference(&object["customer"]),
        };
        Self {
            id: name(&read["id"]).unwrap_or_else(digest),
            kind: name(&read["type"]).unwrap_or_default(),
            customer,
            body: read,
        }
    }

    /// What it tells.
    pub fn about(&self) -> Result<About, Unreadable> {
        let object = &self.body["data"]["object"];
        match self.kind.as_str() {
            // Of invoices that are only foreseen: they have no id.
            "invoice.upcoming" | "invoice.will_be_due" => Ok(About::Nothing),
            kind if kind.starts_with("invoice.") => self.invoice(object),
            "customer.subscription.deleted"
            | "customer.subscription.paused"
            | "customer.subscription.resumed" => self.subscription(object),
            "checkout.session.completed" => Ok(session(object)),
            "customer.created" | "customer.updated" => Ok(customer(object)),
            _ => Ok(About::Nothing),
        }
    }

    fn invoice(&self, object: &Value) -> Result<About, Unreadable> {
        let (id, at) = (id(object)?, self.made()?);
        let newest = self.snapshot(object, at)?;
        let marked = |kind: &str| (self.kind == kind).then_some(at);
        let how = match (self.kind.as_str(), newest.status.as_str()) {
            ("invoice.paid" | "invoice.payment_succeeded", _) | (_, "paid") => Some(How::Paid),
            ("invoice.voided", _) | (_, "void") => Some(How::Void),
            ("invoice.marked_uncollectible", _) | (_, "uncollectible") => Some(How::Uncollectible),
            _ => None,
        };
        let facts = Facts {
            newest: Some(newest),
            failed: marked("invoice.payment_failed"),
            action: marked("invoice.payment_action_required"),
            end: how.map(|how| End { how, at }),
        };
        Ok(About::Invoice(id, facts))
    }

    fn snapshot(&self, object: &Value, at: Timestamp) -> Result<Snapshot, Unreadable> {
        let status = text(&object["status"]).ok_or(Unreadable("the invoice's status"))?;
        let due = object["amount_due"]
            .as_i64()
            .ok_or(Unreadable("the invoice's amount_due"))?;
        let currency = text(&object["currency"]).ok_or(Unreadable("the invoice's currency"))?;
        // Until 2025-02-24 the subscription stood in the invoice itself.
        let parent = &object["parent"]["subscription_details"]["subscription"];
        Ok(Snapshot {
            at,
            finalized: status != "draft",
            attempts: object["attempt_count"].as_i64().unwrap_or(0),
            event: self.id.clone(),
            due,
            remaining: object["amount_remaining"].as_i64().unwrap_or(due),
            currency: currency.to_ascii_uppercase(),
            number: text(&object["number"]),
            url: text(&object["hosted_invoice_url"]),
            manual: object["billing_reason"] == "manual",
            subscription: reference(parent).or_else(|| reference(&object["subscription"])),
            status,
        })
    }

    fn subscription(&self, object: &Value) -> Result<About, Unreadable> {
        let (id, at) = (id(object)?, self.made()?);
        let unpaid = object["cancellation_details"]["reason"] == "payment_failed";
        let facts = match self.kind.as_str() {
            "customer.subscription.deleted" => SubscriptionFacts {
                end: Some(SubscriptionEnd { at, unpaid }),
                switch: None,
            },
            kind => SubscriptionFacts {
                end: None,
                switch: Some(Switch {
                    at,
                    paused: kind == "customer.subscription.paused",
                }),
            },
        };
        Ok(About::Subscription(id, facts))
    }

    /// When Stripe made it.
    fn made(&self) -> Result<Timestamp, Unreadable> {
        let seconds = self.body["created"]
            .as_i64()
            .ok_or(Unreadable("the event's created"))?;
        let micros = seconds
            .checked_mul(1_000_000)
            .ok_or(Unreadable("the event's created"))?;
        Ok(Timestamp(micros))
    }
}

/// A checkout says for whom it is paid in its metadata, which only the account's owner sets. Its `client_reference_id`
/// is not believed: whoever opens a payment link may write one into the address.
fn session(object: &Value) -> About {
    let details = &object["customer_details"];
    claim(&object["metadata"]["tenant_id"], details, &object["locale"]).map_or(About::Nothing, About::Payer)
}

fn customer(object: &Value) -> About {
    claim(
        &object["metadata"]["tenant_id"],
        object,
        &object["preferred_locales"][0],
    )
    .map_or(About::Nothing, About::Payer)
}

fn claim(tenant: &Value, contact: &Value, locale: &Value) -> Option<Claim> {
    Some(Claim {
        tenant: tenant.as_str()?.parse().ok()?,
        email: text(&contact["email"]),
        locale: text(locale),
    })
}

fn id(object: &Value) -> Result<String, Unreadable> {
    name(&object["id"]).ok_or(Unreadable("the object's id"))
}

/// An id, or an object that was expanded in its place.
fn reference(value: &Value) -> Option<String> {
    name(value).or_else(|| name(&value["id"]))
}

/// An id or a type: they are part of keys.
fn name(value: &Value) -> Option<String> {
    text(value).filter(|name| name.len() <= NAME)
}

/// A string that may be stored as one: not empty, not long, without control characters.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let good = !text.is_empty() && text.len() <= 2_048 && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, object: impl Into<Value>) -> Event {
        let object = object.into();
        let body = json!({"id": "evt_1", "type": kind, "created": 1_700_000_000, "data": {"object": object}});
        Event::of(body.to_string().as_bytes())
    }

    fn invoice() -> Value {
        json!({"object": "invoice", "id": "in_1", "customer": "cus_1", "status": "open", "amount_due": 500,
               "currency": "gbp"})
    }

    fn facts(event: &Event) -> Facts {
        match event.about() {
            Ok(About::Invoice(id, facts)) if id == "in_1" => facts,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_subscription_is_found_where_old_and_new_api_versions_put_it() {
        for (member, value) in [
            ("subscription", json!("sub_1")),
            ("subscription", json!({"id": "sub_1"})),
            (
                "parent",
                json!({"subscription_details": {"subscription": "sub_1"}}),
            ),
        ] {
            let mut object = invoice();
            object[member] = value;
            let newest = facts(&event("invoice.created", object)).newest.unwrap();
            assert_eq!(newest.subscription.as_deref(), Some("sub_1"));
        }
    }

    #[test]
    fn an_expanded_customer_is_its_id() {
        let mut object = invoice();
        object["customer"] = json!({"id": "cus_1", "object": "customer"});
        assert_eq!(event("invoice.paid", object).customer.as_deref(), Some("cus_1"));
        let customer = json!({"object": "customer", "id": "cus_2"});
        assert_eq!(
            event("customer.updated", customer).customer.as_deref(),
            Some("cus_2")
        );
    }

    #[test]
    fn what_lacks_a_needed_member_is_unreadable_and_says_which() {
        for member in ["id", "status", "amount_due", "currency"] {
            let mut object = invoice();
            object.as_object_mut().unwrap().remove(member);
            let unreadable = event("invoice.payment_failed", object).about().unwrap_err();
            assert!(unreadable.0.ends_with(member), "{unreadable}");
        }
        let mut unknown = invoice();
        unknown["amount_due"] = json!({"value": "5.00"});
        assert!(event("invoice.payment_failed", unknown).about().is_err());
    }

    #[test]
    fn any_bytes_have_an_id() {
        let (one, two) = (Event::of(b"{"), Event::of(b"[\"id\"]"));
        assert!(one.id.starts_with("sha256:") && two.id.starts_with("sha256:") && one.id != two.id);
        assert_eq!(one.about(), Ok(About::Nothing));
    }

    #[test]
    fn a_checkout_names_its_tenant_in_its_metadata_and_nowhere_else() {
        let tenant = "01980000-0000-7000-8000-000000000001";
        let details = json!({"email": "pay@acme.test"});
        let named =
            json!({"customer": "cus_1", "metadata": {"tenant_id": tenant}, "customer_details": details});
        let Ok(About::Payer(claim)) = event("checkout.session.completed", named).about() else {
            panic!("no claim")
        };
        assert_eq!(claim.tenant, tenant.parse().unwrap());
        assert_eq!(claim.email.as_deref(), Some("pay@acme.test"));
        let written_by_the_payer = json!({"customer": "cus_1", "client_reference_id": tenant});
        assert_eq!(
            event("checkout.session.completed", written_by_the_payer).about(),
            Ok(About::Nothing)
        );
    }
}
