//! From records to findings.

use super::{super::finding::Finding, records::Found};

/// Nobody could be asked.
pub(super) fn unreachable(name: &'static str, error: &str) -> Finding {
    Finding::warn(
        name,
        format!("cannot be looked up: {error}"),
        "See whether this machine may ask a name server, or name one with --dns.",
    )
}

pub(super) fn mx(found: &Found) -> Finding {
    let name = "mail_mx";
    let action = "Publish an MX record for the domain of mail_from, so that answers and bounces arrive.";
    match found.as_deref() {
        Err(error) => unreachable(name, error),
        Ok([]) => Finding::warn(name, "there is none: answers to our mails go nowhere", action),
        Ok([only]) if only == "." => Finding::warn(name, "the domain says that it takes no mail", action),
        Ok(hosts) => Finding::ok(name, hosts.join(", ")),
    }
}

pub(super) fn spf(found: &Found) -> Finding {
    let name = "mail_spf";
    let texts = match found {
        Err(error) => return unreachable(name, error),
        Ok(texts) => texts,
    };
    let begins = |text: &&String| text.as_str() == "v=spf1" || text.starts_with("v=spf1 ");
    let policies: Vec<&String> = texts.iter().filter(begins).collect();
    match policies.as_slice() {
        [] => Finding::warn(
            name,
            "there is none: receivers cannot know who may send for the domain",
            "Publish the TXT record that the mail provider names, such as \"v=spf1 include:… ~all\".",
        ),
        [policy]
            if policy
                .split_whitespace()
                .any(|term| term == "+all" || term == "all") =>
        {
            Finding::warn(
                name,
                format!("{policy}: anybody may send for the domain"),
                "End the record with ~all or -all.",
            )
        }
        [policy] => Finding::ok(name, (*policy).clone()),
        _ => Finding::fail(
            name,
            format!(
                "there are {}, which counts as an error (RFC 7208, 4.5)",
                policies.len()
            ),
            "Join them into one record.",
        ),
    }
}

pub(super) fn dkim(found: &Found) -> Finding {
    let name = "mail_dkim";
    let action = "Publish the key that the mail provider shows, as a TXT record or CNAME.";
    let texts = match found {
        Err(error) => return unreachable(name, error),
        Ok(texts) => texts,
    };
    let Some(key) = texts.iter().find_map(|text| tag(text, "p")) else {
        return Finding::warn(name, "there is no key: mails cannot be verified", action);
    };
    if key.is_empty() {
        Finding::warn(name, "the key is revoked (an empty p=)", action)
    } else {
        Finding::ok(name, "there is a key")
    }
}

/// No provider says which.
pub(super) fn no_selector() -> Finding {
    Finding::ok(
        "mail_dkim",
        "not looked up: name the selector of your mail server with --dkim",
    )
}

/// Whether a question for a policy was answered, with none.
pub(super) fn without_policy(found: &Found) -> bool {
    found
        .as_ref()
        .is_ok_and(|texts| !texts.iter().any(|text| is_policy(text)))
}

fn is_policy(text: &str) -> bool {
    tag(text, "v") == Some("DMARC1")
}

pub(super) fn dmarc(found: &Found) -> Finding {
    let name = "mail_dmarc";
    let action =
        "Publish a TXT record at _dmarc of the domain, such as \"v=DMARC1; p=quarantine; rua=mailto:…\".";
    let texts = match found {
        Err(error) => return unreachable(name, error),
        Ok(texts) => texts,
    };
    let policies: Vec<&String> = texts.iter().filter(|text| is_policy(text)).collect();
    match policies.as_slice() {
        [] => Finding::warn(
            name,
            "there is none: large receivers refuse mail in volume",
            action,
        ),
        [policy] => match tag(policy, "p") {
            Some("none") => Finding::ok(
                name,
                "p=none: reports only; quarantine or reject protect the name",
            ),
            Some("quarantine" | "reject") => Finding::ok(name, (*policy).clone()),
            _ => Finding::warn(name, format!("{policy}: no policy that receivers know"), action),
        },
        _ => Finding::warn(
            name,
            "there are several: receivers then follow none (RFC 7489, 6.6.3)",
            action,
        ),
    }
}

/// The value of a tag in a list of `name=value` separated by semicolons.
fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(';').find_map(|part| {
        let (found, value) = part.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    })
}
