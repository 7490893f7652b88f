//! Files that go with a mail.

use serde::{Deserialize, Serialize};

/// A file in the object storage; read when the mail is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// As the recipient sees it, such as `report.pdf`.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// Key of the object (`levqor_objects::Key`).
    pub object: String,
}
