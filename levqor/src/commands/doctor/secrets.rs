//! Whether secrets are long enough, and each is for one purpose. None is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use crate::config::{Config, Secret};

const NAME: &str = "secrets";

/// A shorter password or token can be guessed.
const SHORTEST: usize = 12;

/// Random bytes in hexadecimal have nearly all sixteen digits.
const DIGITS: usize = 8;

/// Looks at every secret that is set.
pub(super) fn check(config: &Config) -> Finding {
    judge(&config.secrets)
}

fn judge(secrets: &[Secret]) -> Finding {
    let weak: BTreeSet<&str> = secrets
        .iter()
        .filter(|secret| weak(secret))
        .map(|secret| secret.setting)
        .collect();
    if !weak.is_empty() {
        let names: Vec<&str> = weak.into_iter().collect();
        return Finding::warn(
            NAME,
            format!("can be guessed: {}", names.join(", ")),
            "Make it of at least 16 random characters, secret_key with `openssl rand -hex 32`.",
        );
    }
    if let Some(names) = shared(secrets) {
        return Finding::warn(
            NAME,
            format!("are the same: {names}"),
            "Give each purpose a secret of its own: who learns one must not have the other.",
        );
    }
    let settings: BTreeSet<&str> = secrets.iter().map(|secret| secret.setting).collect();
    Finding::ok(
        NAME,
        format!("{} settings hold one, all different", settings.len()),
    )
}

fn weak(secret: &Secret) -> bool {
    let text = &secret.text.0;
    let digits: BTreeSet<char> = text.chars().collect();
    text.len() < SHORTEST || (secret.setting == "secret_key" && digits.len() < DIGITS)
}

/// Settings that hold the same secret.
fn shared(secrets: &[Secret]) -> Option<String> {
    let mut by_text: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for secret in secrets {
        by_text.entry(&secret.text.0).or_default().insert(secret.setting);
    }
    let names = by_text.into_values().find(|names| names.len() > 1)?;
    Some(names.into_iter().collect::<Vec<_>>().join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{commands::doctor::finding::State, config::SecretKey};

    fn found(secrets: &[(&'static str, &str)]) -> (State, String) {
        let secrets: Vec<Secret> = secrets
            .iter()
            .map(|(setting, text)| Secret {
                setting,
                text: SecretKey((*text).to_owned()),
            })
            .collect();
        let finding = judge(&secrets);
        (finding.state, finding.found)
    }

    #[test]
    fn secrets_that_can_be_guessed_or_serve_two_purposes_are_named_and_not_shown() {
        let good = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        assert_eq!(
            found(&[("secret_key", good), ("redis_url", "hunter2hunter2")]).0,
            State::Ok
        );
        let made_up = "5e".repeat(32);
        let cases: [(&[(&'static str, &str)], &str); 3] = [
            (&[("secret_key", good), ("redis_url", "hunter2")], "redis_url"),
            (&[("secret_key", &made_up)], "secret_key"),
            (
                &[
                    ("redis_url", "hunter2hunter2"),
                    ("database_url", "hunter2hunter2"),
                ],
                "database_url and redis_url",
            ),
        ];
        for (secrets, name) in cases {
            let (state, text) = found(secrets);
            assert_eq!(state, State::Warn);
            assert!(
                text.contains(name) && !text.contains("hunter2") && !text.contains("5e5e"),
                "{text}"
            );
        }
    }
}
