//! The object storage of the configuration.

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Policy};
use levqor_objects::{Folder, Objects, S3};
use levqor_store::Clock;

use super::operators_policy;
use crate::{
    config::{Config, ObjectsPlace},
    system::SystemClock,
};

/// Largest object that is read: a package of a person's data, encrypted.
const LARGEST: usize = 520 * 1024 * 1024;

/// Where exports and reports go.
pub(crate) fn objects(config: &Config) -> Arc<dyn Objects> {
    match &config.objects {
        ObjectsPlace::Folder(folder) => Arc::new(Folder::new(folder.clone())),
        ObjectsPlace::S3(s3) => {
            let now = Arc::new(|| SystemClock.now().0);
            let location = s3.location.clone();
            Arc::new(S3::new(location, &s3.access_key, &s3.secret_key, egress(), now))
        }
    }
}

/// A client of its own: objects are larger than what workflows may read.
fn egress() -> Egress {
    Egress::new(Policy {
        max_response_bytes: LARGEST,
        total_timeout: Duration::from_mins(5),
        ..operators_policy()
    })
}
