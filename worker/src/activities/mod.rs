//! The built-in activities, one file each. `http` is not among them: `call: http` is a task of the language
//! (see `http/`).

mod echo;
mod noop;
mod now;
mod sleep;

use crate::activity::Registry;

/// All built-in activities, in order of their names.
pub fn registry() -> Registry {
    Registry::new()
        .with(echo::Echo)
        .with(noop::Noop)
        .with(now::Now)
        .with(sleep::Sleep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activity_is_listed_with_its_schemas() {
        let listed = registry().describe();
        let names: Vec<_> = listed.iter().map(|d| d.name).collect();
        assert_eq!(names, ["echo", "noop", "now", "sleep"]);
        let sleep = serde_json::to_value(&listed[3]).unwrap();
        assert_eq!(sleep["input"]["properties"]["milliseconds"]["type"], "integer");
    }
}
