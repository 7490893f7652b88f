//! Takes out of an error report what may name a person or open a door.

use sentry::protocol::Event;

/// Members that never leave: user, request, host name, breadcrumbs, extra data.
pub(crate) fn scrub(mut event: Event<'static>) -> Event<'static> {
    event.user = None;
    event.request = None;
    event.server_name = None;
    event.breadcrumbs.values.clear();
    event.extra.clear();
    event.message = event.message.map(|text| mask(&text));
    event.logentry = None;
    for exception in &mut event.exception.values {
        exception.value = exception.value.take().map(|text| mask(&text));
    }
    event
}

/// Replaces words that look like secrets, addresses of people or URLs with credentials.
pub(crate) fn mask(text: &str) -> String {
    let words: Vec<&str> = text
        .split(' ')
        .map(|word| if secret(word) { "[removed]" } else { word })
        .collect();
    words.join(" ")
}

fn secret(word: &str) -> bool {
    word.contains('@') || word.contains("lvk_") || word.contains("whsec_") || word.contains("sk_live_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_addresses_are_removed_and_the_rest_stays() {
        let text = "cannot open postgres://levqor:pw@db/x for ada@example.org with lvk_0123 at step 3";
        assert_eq!(
            mask(text),
            "cannot open [removed] for [removed] with [removed] at step 3"
        );
    }

    #[test]
    fn an_event_leaves_without_user_request_or_breadcrumbs() {
        let mut event = Event {
            message: Some("by ada@example.org".to_owned()),
            ..Event::default()
        };
        event.user = Some(sentry::User {
            email: Some("ada@example.org".to_owned()),
            ..Default::default()
        });
        event.server_name = Some("host".into());
        event.breadcrumbs.values.push(sentry::Breadcrumb::default());
        let event = scrub(event);
        assert!(event.user.is_none() && event.server_name.is_none() && event.breadcrumbs.values.is_empty());
        assert_eq!(event.message.as_deref(), Some("by [removed]"));
    }
}
