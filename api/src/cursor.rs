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
    fn after(&self, id: Uuid) -> String {
        let mut bytes = id.as_bytes().to_vec();
        bytes.extend_from_slice(&self.sum(id));
        hex::encode(bytes)
    }

    /// The id in a cursor that [`Cursors::after`] made for the same context.
    fn read(&self, cursor: &str) -> Result<Uuid, Problem> {
        let bytes = hex::decode(cursor).unwrap_or_default();
        let id = bytes.get(..ID).and_then(|id| Uuid::from_slice(id).ok());
        id.filter(|id| bytes.len() == ID + SUM && bytes[ID..] == self.sum(*id))
            .ok_or_else(|| {
                Problem::new(Code::InvalidCursor, "The cursor is not one of this listing.")
                    .parameter("cursor")
            })
    }

    /// Where a page begins: the id in the request's cursor, if it has one.
    pub(crate) fn start(&self, cursor: Option<&str>) -> Result<Option<Uuid>, Problem> {
        cursor.map(|cursor| self.read(cursor)).transpose()
    }

    /// Cuts what was found to a page of `limit` items; the cursor of the next page, when there is one. One more than asked for
    /// tells whether there is.
    pub(crate) fn cut<T>(&self, found: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> Uuid) -> Option<String> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more)?;
        Some(self.after(id(last)))
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

    #[test]
    fn a_page_is_cut_where_more_was_found_than_asked_for_and_its_cursor_is_of_its_last_item() {
        let runs = Cursors::new("runs".into());
        let ids = |count| (1..=count).map(Uuid::from_u128).collect::<Vec<_>>();
        let mut found = ids(3);
        let next = runs.cut(&mut found, 2, |id| *id);
        assert_eq!(
            (found, runs.start(next.as_deref()).unwrap()),
            (ids(2), ids(2).pop())
        );
        let mut all = ids(2);
        assert_eq!((runs.cut(&mut all, 2, |id| *id), all), (None, ids(2)));
        assert_eq!(runs.start(None).unwrap(), None);
    }
}
