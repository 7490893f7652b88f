//! A message as bytes: a version, then 20 bytes a hint (the run's 16, the epoch's 4 in network order).

use uuid::Uuid;

use crate::{HINTS_PER_MESSAGE, Hint};

const VERSION: u8 = 1;
const HINT: usize = 20;

/// At most [`HINTS_PER_MESSAGE`] hints.
pub(super) fn encode(hints: &[Hint]) -> Vec<u8> {
    let mut message = Vec::with_capacity(1 + HINT * hints.len());
    message.push(VERSION);
    for hint in hints {
        message.extend(hint.run.as_bytes());
        message.extend(hint.epoch.to_be_bytes());
    }
    message
}

/// None for what we did not write.
pub(super) fn decode(message: &[u8]) -> Option<Vec<Hint>> {
    let (&VERSION, hints) = message.split_first()? else {
        return None;
    };
    let (hints, []) = hints.as_chunks::<HINT>() else {
        return None;
    };
    (1..=HINTS_PER_MESSAGE)
        .contains(&hints.len())
        .then(|| hints.iter().filter_map(decode_one).collect())
}

fn decode_one(hint: &[u8; HINT]) -> Option<Hint> {
    let (run, epoch) = hint.split_first_chunk::<16>()?;
    Some(Hint {
        run: Uuid::from_bytes(*run),
        epoch: i32::from_be_bytes(epoch.try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(count: u128) -> Vec<Hint> {
        (0..count)
            .map(|n| Hint {
                run: Uuid::from_u128(n << 64 | n),
                epoch: i32::MAX - 1,
            })
            .collect()
    }

    #[test]
    fn messages_come_back_as_they_were_sent() {
        for count in [1, 2, 64] {
            assert_eq!(decode(&encode(&hints(count))), Some(hints(count)));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let good = encode(&hints(2));
        let other_version = [&[2], &good[1..]].concat();
        for bad in [
            &b""[..],
            &[VERSION],
            b"{\"run\":1}",
            &good[..40],
            &other_version,
            &encode(&hints(65)),
        ] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
