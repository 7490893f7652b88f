//! Cursors of listings: the last id of a page, bound to the listing and its filters by a check sum. A cursor gives no
//! access (reads are scoped to the tenant anyway); the sum tells an altered or misplaced one from a good one.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Code, Problem};

const ID: usize = 16;
const SUM: usize = 8;

/// A listing with its filters, as one text.
pub(crate) struct Cursors {
    context: String,
}

impl Cursors {
    /// `context` names the listing and every filter; it must differ when any of them does.
    pub(crate) fn new(context: String) -> Self {
        Self { context }
    }

    /// The cursor after the item with this id.
    pub(crate) fn after(&self, id: Uuid) -> String {
        let mut bytes = id.as_bytes().to_vec();
        bytes.extend_from_slice(&self.sum(id));
        hex::encode(bytes)
    }

    /// The id in a cursor that [`Cursors::after`] made for the same context.
    pub(crate) fn read(&self, cursor: &str) -> Result<Uuid, Problem> {
        let bytes = hex::decode(cursor).unwrap_or_default();
        let id = bytes.get(..ID).and_then(|id| Uuid::from_slice(id).ok());
        id.filter(|id| bytes.len() == ID + SUM && bytes[ID..] == self.sum(*id))
            .ok_or_else(|| {
                Problem::new(Code::InvalidCursor, "The cursor is not one of this listing.")
                    .parameter("cursor")
            })
    }

    fn sum(&self, id: Uuid) -> [u8; SUM] {
        let digest = Sha256::new()
            .chain_update("cursor 1 ")
            .chain_update(&self.context)
            .chain_update(id)
            .finalize();
        std::array::from_fn(|index| digest[index])
    }
}

/// Most items on a page, and how many when the caller says nothing.
const LARGEST_PAGE: u32 = 200;
const USUAL_PAGE: u32 = 50;

/// The page size a caller asks for.
pub(crate) fn page_size(limit: Option<u32>) -> Result<i64, Problem> {
    let limit = limit.unwrap_or(USUAL_PAGE);
    if limit == 0 || limit > LARGEST_PAGE {
        return Err(Problem::new(Code::InvalidParameter, "Expected 1 to 200.").parameter("limit"));
    }
    Ok(i64::from(limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_only_as_it_was_made() {
        let id = Uuid::from_u128(0x1234);
        let runs = Cursors::new("runs".into());
        let cursor = runs.after(id);
        assert_eq!(runs.read(&cursor).unwrap(), id);
        assert!(Cursors::new("runs completed".into()).read(&cursor).is_err());
        let altered = cursor.replacen('0', "1", 1);
        for bad in ["", "zz", &cursor[2..], &format!("{cursor}00"), &altered, "é"] {
            assert_eq!(runs.read(bad).unwrap_err().code(), Code::InvalidCursor, "{bad}");
        }
    }
}
