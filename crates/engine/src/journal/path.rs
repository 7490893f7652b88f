//! Execution paths taken apart: `/do/1/pay/try@2/0/charge~3`.
//!
//! A path is groups of a list (`do`, `for/<i>/do`, `try@<n>`, `catch@<n>/do`), an index and a task's name, in which `/`
//! is written `~1` and `~` is written `~0` (RFC 6901). A visit after the first adds `~<n>` to the name.

/// One group of a path.
struct Group<'a> {
    /// The list's segments with numbers.
    list: &'a str,
    /// The list's segments in the document.
    pointer: &'static str,
    /// `n` of `try@n` and `catch@n`.
    attempt: Option<u32>,
    /// `/<index>/<name>`; empty at the end of a path that names a list.
    task: &'a str,
}

/// The groups of a path, ending early where it is malformed.
fn groups(path: &str) -> impl Iterator<Item = Group<'_>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        let first = rest.get(1..)?.split('/').next()?;
        let (segments, pointer, attempt) = list(first)?;
        let (list, after) = split(rest, segments);
        let (task, after) = split(after, 2);
        rest = after;
        Some(Group {
            list,
            pointer,
            attempt,
            task,
        })
    })
}

/// How many segments a list has, what it is in the document, and its attempt.
fn list(first: &str) -> Option<(usize, &'static str, Option<u32>)> {
    if let Some(attempt) = first.strip_prefix("try@") {
        return Some((1, "/try", attempt.parse().ok()));
    }
    if let Some(attempt) = first.strip_prefix("catch@") {
        return Some((2, "/catch/do", attempt.parse().ok()));
    }
    match first {
        "do" => Some((1, "/do", None)),
        "for" => Some((3, "/do", None)),
        _ => None,
    }
}

/// Cuts behind the first `segments` segments.
fn split(path: &str, segments: usize) -> (&str, &str) {
    let end = path
        .match_indices('/')
        .nth(segments)
        .map_or(path.len(), |(at, _)| at);
    path.split_at(end)
}

/// The task in the document, or the list when the path names one. (A name that ends in `/` and two or more digits
/// looks like a visit and loses them.)
pub(crate) fn pointer(path: &str) -> String {
    groups(path).fold(String::with_capacity(path.len()), |mut pointer, group| {
        pointer.push_str(group.pointer);
        pointer.push_str(without_visit(group.task));
        pointer
    })
}

fn without_visit(task: &str) -> &str {
    let is_visit = |digits: &str| {
        !digits.starts_with('0') && digits != "1" && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    match task.rsplit_once('~') {
        Some((name, digits)) if !digits.is_empty() && is_visit(digits) => name,
        _ => task,
    }
}

/// The path without attempt numbers: what an idempotency key is made of.
pub(crate) fn key(path: &str) -> String {
    groups(path).fold(String::with_capacity(path.len()), |mut key, group| {
        key.push_str(if group.attempt.is_some() {
            group.pointer
        } else {
            group.list
        });
        key.push_str(group.task);
        key
    })
}

/// The attempt of the innermost `try` around it, 1 without one.
pub(crate) fn attempt(path: &str) -> u32 {
    groups(path)
        .filter(|group| group.list.starts_with("/try@"))
        .last()
        .and_then(|group| group.attempt)
        .unwrap_or(1)
}

/// The path of the task that owns the list this task is in; empty for the workflow's own.
pub(crate) fn owner(path: &str) -> &str {
    let last = groups(path)
        .last()
        .map_or(0, |group| group.list.len() + group.task.len());
    path.get(..path.len().saturating_sub(last)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEEP: &str = "/do/0/loop/for/2/do/1/pay~3/try@2/0/charge";

    #[test]
    fn a_pointer_has_no_dynamic_segments() {
        assert_eq!(pointer(DEEP), "/do/0/loop/do/1/pay/try/0/charge");
        assert_eq!(pointer("/do/1/t/catch@4/do/0/h"), "/do/1/t/catch/do/0/h");
        assert_eq!(pointer("/do/1/t/try@4"), "/do/1/t/try");
    }

    #[test]
    fn tasks_named_like_lists_are_tasks() {
        let path = "/do/0/for/do/1/try@2/for/0/do/0/do~2";
        assert_eq!(pointer(path), "/do/0/for/do/1/try@2/do/0/do");
        assert_eq!(key(path), path);
        assert_eq!(attempt(path), 1);
    }

    #[test]
    fn escapes_in_names_are_not_visits() {
        assert_eq!(pointer("/do/0/a~1b"), "/do/0/a~1b");
        assert_eq!(pointer("/do/0/a~0"), "/do/0/a~0");
        assert_eq!(pointer("/do/0/a~1"), "/do/0/a~1");
        assert_eq!(pointer("/do/0/a~0~12"), "/do/0/a~0");
    }

    #[test]
    fn a_key_is_the_same_over_attempts_and_differs_over_iterations_and_visits() {
        assert_eq!(key(DEEP), "/do/0/loop/for/2/do/1/pay~3/try/0/charge");
        assert_eq!(key(DEEP), key(&DEEP.replace("@2", "@7")));
        assert_ne!(key(DEEP), key(&DEEP.replace("for/2", "for/3")));
    }

    #[test]
    fn the_attempt_is_that_of_the_innermost_try() {
        assert_eq!(attempt("/do/0/a/try@3/0/b/try@2/0/c"), 2);
        assert_eq!(attempt("/do/0/a/try@3/0/b/do/0/c"), 3);
        assert_eq!(attempt("/do/0/a"), 1);
    }

    #[test]
    fn the_owner_of_a_task_is_the_task_around_its_list() {
        assert_eq!(owner(DEEP), "/do/0/loop/for/2/do/1/pay~3");
        assert_eq!(owner("/do/0/loop/for/2/do/1/pay"), "/do/0/loop");
        assert_eq!(owner("/do/0/a"), "");
    }

    #[test]
    fn a_malformed_path_does_no_harm() {
        for path in [
            "", "/", "do", "/x/0/a", "/for", "/for/1", "/do", "/do/0", "/try@", "/catch@x", "é",
        ] {
            let _ = (pointer(path), key(path), attempt(path), owner(path));
        }
    }
}
