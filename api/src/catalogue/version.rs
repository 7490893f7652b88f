//! Which version "latest" means: the highest semantic version that is no pre-release; when all are pre-releases, the
//! one stored last.

use levqor_store::Workflow;

/// The latest of versions given in order of storing.
pub(crate) fn latest(versions: &[Workflow]) -> Option<&Workflow> {
    // `max_by_key` answers the last of equal ones: versions that differ in build metadata only.
    let released = versions
        .iter()
        .filter_map(|workflow| Some((release(&workflow.version)?, workflow)));
    released
        .max_by_key(|(release, _)| *release)
        .map(|(_, workflow)| workflow)
        .or(versions.last())
}

/// Major, minor and patch; None for a pre-release.
fn release(version: &str) -> Option<[u64; 3]> {
    let core = version.split('+').next()?;
    if core.contains('-') {
        return None;
    }
    let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
    let release = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(release)
}

#[cfg(test)]
mod tests {
    use levqor_store::{TenantId, Timestamp, WorkflowId};
    use uuid::Uuid;

    use super::*;

    fn of(versions: &[&str]) -> Option<String> {
        let stored: Vec<Workflow> = versions
            .iter()
            .map(|version| Workflow {
                id: WorkflowId(Uuid::nil()),
                tenant: TenantId(Uuid::nil()),
                namespace: "n".into(),
                name: "w".into(),
                version: (*version).into(),
                hash: [0; 32],
                document: Vec::new(),
                created_at: Timestamp(0),
            })
            .collect();
        latest(&stored).map(|workflow| workflow.version.clone())
    }

    #[test]
    fn the_highest_release_wins_whatever_was_stored_last() {
        assert_eq!(of(&["1.9.0", "1.10.0", "1.2.3"]).as_deref(), Some("1.10.0"));
        assert_eq!(of(&["1.0.0", "2.0.0-rc.1"]).as_deref(), Some("1.0.0"));
        assert_eq!(of(&["1.0.0+a", "1.0.0+b"]).as_deref(), Some("1.0.0+b"));
    }

    #[test]
    fn among_pre_releases_the_one_stored_last_wins() {
        assert_eq!(of(&["2.0.0-rc.1", "1.0.0-rc.9"]).as_deref(), Some("1.0.0-rc.9"));
        assert_eq!(of(&[]), None);
    }
}
