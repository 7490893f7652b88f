//! Who placed a hold or chose a period, as rows keep it.

use levqor_audit::Actor;

/// `key:` or `user:` and an id, or a word.
pub(crate) fn who(actor: Actor) -> String {
    match actor {
        Actor::System => "system".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::Key(key) => format!("key:{key}"),
        Actor::User(user) => format!("user:{user}"),
        Actor::Anonymous => "anonymous".to_owned(),
    }
}
