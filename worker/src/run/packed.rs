//! A run's journal as bytes: rows are arrays of entries, and an ended run keeps one array of all of them.

/// The array so far. Rows are spliced in as they were stored: nothing is decoded to be encoded again.
#[derive(Debug)]
pub(super) struct Packed {
    bytes: Vec<u8>,
}

impl Packed {
    pub(super) fn new() -> Self {
        Self { bytes: vec![b'['] }
    }

    /// Adds the entries of a row: the JSON text of an array.
    pub(super) fn push(&mut self, row: &[u8]) {
        let inner = row.trim_ascii();
        let inner = inner.strip_prefix(b"[").unwrap_or(inner);
        let inner = inner.strip_suffix(b"]").unwrap_or(inner).trim_ascii();
        if inner.is_empty() {
            return;
        }
        if self.bytes.len() > 1 {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(inner);
    }

    /// The whole array, with the entries of one more row at its end.
    pub(super) fn whole(&self, last: Option<&[u8]>) -> Vec<u8> {
        let mut whole = Self {
            bytes: self.bytes.clone(),
        };
        if let Some(row) = last {
            whole.push(row);
        }
        whole.bytes.push(b']');
        whole.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_one_array_in_order() {
        let mut packed = Packed::new();
        assert_eq!(packed.whole(None), b"[]");
        packed.push(b"[1, 2]");
        packed.push(b"[]");
        packed.push(b" [[3]] ");
        assert_eq!(packed.whole(None), b"[1, 2,[3]]");
        assert_eq!(packed.whole(Some(b"[4]")), b"[1, 2,[3],4]");
    }
}
