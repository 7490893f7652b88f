//! The built-in activities, one file each. `http` is not among them: `call: http` is a task of the language
//! (see `http/`).

mod consent;
mod dsar;
mod dunning;
mod echo;
mod noop;
mod notion;
mod now;
mod reports;
mod retention;
mod sleep;

use crate::activity::Registry;

/// All built-in activities: those for documents of all kinds, and those of our own processes, room by room.
pub fn registry() -> Registry {
    let ours = retention::register(notion::register(Registry::new()));
    let ours = consent::register(dunning::register(reports::register(dsar::register(ours))));
    Registry::new()
        .with(echo::Echo)
        .with(noop::Noop)
        .with(now::Now)
        .with(sleep::Sleep)
        .with_ours(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activity_is_listed_with_its_schemas() {
        let listed = registry().describe();
        assert!(listed.is_sorted_by_key(|description| description.name));
        assert!(listed.iter().all(|description| !description.about.is_empty()));
        let sleep = listed
            .iter()
            .find(|description| description.name == "sleep")
            .unwrap();
        let sleep = serde_json::to_value(sleep).unwrap();
        assert_eq!(sleep["input"]["properties"]["milliseconds"]["type"], "integer");
    }
}
