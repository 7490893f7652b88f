//! Callers without a valid key: so many a minute for each address, and so many for all of them.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use parking_lot::Mutex;

use super::window::{Verdict, Window};

/// The table is swept when it has grown to this. Only counted requests make an entry, and no more than the total
/// limit is counted in a minute, so that about twice that limit of entries can be live.
const SWEEP_AT: usize = 1024;

pub(crate) struct Anonymous {
    per_address: u32,
    total: u32,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    all: Window,
    addresses: HashMap<IpAddr, Window>,
}

impl Anonymous {
    /// Limits in requests a minute.
    pub(crate) fn new(per_address: u32, total: u32) -> Self {
        Self {
            per_address,
            total,
            counts: Mutex::default(),
        }
    }

    /// Counts a request from an address.
    pub(crate) fn take(&self, address: IpAddr, now: Duration) -> Verdict {
        let mut counts = self.counts.lock();
        let mut all = counts.all;
        let total = all.take(now, self.total);
        if total.remaining.is_none() {
            return total;
        }
        if counts.addresses.len() >= SWEEP_AT {
            counts.addresses.retain(|_, window| !window.idle(now));
        }
        let window = counts
            .addresses
            .entry(network(address))
            .or_insert_with(|| Window::new(now));
        let verdict = window.take(now, self.per_address);
        if verdict.remaining.is_some() {
            counts.all = all;
        }
        verdict
    }

    /// Whether an address has used up its own share, without counting.
    pub(crate) fn exhausted(&self, address: IpAddr, now: Duration) -> Option<Verdict> {
        let mut window = *self.counts.lock().addresses.get(&network(address))?;
        Some(window.take(now, self.per_address)).filter(|verdict| verdict.remaining.is_none())
    }
}

/// One customer holds a whole /64 of IPv6, so that it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    fn taken(limit: &Anonymous, from: IpAddr, now: Duration) -> usize {
        std::iter::from_fn(|| limit.take(from, now).remaining).count()
    }

    #[test]
    fn an_address_has_its_share_and_all_have_theirs() {
        let limit = Anonymous::new(20, 50);
        assert_eq!(taken(&limit, address(1), NOW), 20);
        assert!(limit.exhausted(address(1), NOW).is_some());
        assert!(limit.exhausted(address(2), NOW).is_none());
        assert_eq!(taken(&limit, address(2), NOW), 20);
        assert_eq!(taken(&limit, address(3), NOW), 10);
        assert_eq!(limit.take(address(4), NOW).limit, 50);
        assert_eq!(taken(&limit, address(4), NOW + Duration::from_mins(2)), 20);
    }

    #[test]
    fn refused_requests_do_not_use_up_the_share_of_others() {
        let limit = Anonymous::new(20, 50);
        for _ in 0..1_000 {
            limit.take(address(1), NOW);
        }
        assert_eq!(taken(&limit, address(2), NOW), 20);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let limit = Anonymous::new(20, 1_000);
        let one: IpAddr = [0x2001, 0xdb8, 0, 1, 0, 0, 0, 1].into();
        let two: IpAddr = [0x2001, 0xdb8, 0, 1, 9, 9, 9, 9].into();
        let other: IpAddr = [0x2001, 0xdb8, 0, 2, 0, 0, 0, 1].into();
        assert_eq!(taken(&limit, one, NOW), 20);
        assert_eq!(taken(&limit, two, NOW), 0);
        assert_eq!(taken(&limit, other, NOW), 20);
    }

    #[test]
    fn the_table_does_not_grow_with_the_number_of_addresses() {
        let limit = Anonymous::new(20, 200);
        for n in 0..200_000_u32 {
            limit.take(
                IpAddr::from(n.to_be_bytes()),
                NOW + Duration::from_millis(u64::from(n)),
            );
        }
        assert!(limit.counts.lock().addresses.len() <= SWEEP_AT);
    }
}
