//! One number for a set of rows: the sum of the HMACs of their ids modulo 2^256 (MSet-Add-Hash of Clarke, Devadas, van
//! Dijk, Gassend and Suh, ASIACRYPT 2003). The order in which rows went does not matter, sums of parts add up to that of
//! the whole, and whoever has a backup and the key can check that exactly these rows went.

use levqor_platform::Secrets;
use levqor_store::TenantId;

pub(crate) type Digest = [u8; 32];

/// What one row adds.
pub(crate) fn of_row(secrets: &Secrets, dataset: &str, tenant: TenantId, id: &str) -> Digest {
    let parts = [dataset.as_bytes(), tenant.0.as_bytes(), id.as_bytes()];
    secrets.mac("retention row v1", &parts)
}

/// Both together; big-endian numbers.
pub(crate) fn add(a: &Digest, b: &Digest) -> Digest {
    let mut sum = [0; 32];
    let mut carry = 0;
    for at in (0..32).rev() {
        let digits = u16::from(a[at]) + u16::from(b[at]) + carry;
        sum[at] = digits.to_be_bytes()[1];
        carry = digits >> 8;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_10_6_a_digest_adds_up_in_any_order_and_wraps_at_its_end() {
        let (mut one, mut most) = ([0; 32], [0xff; 32]);
        one[31] = 1;
        assert_eq!(add(&most, &one), [0; 32]);
        most[0] = 0x7f;
        let mut sum = [0; 32];
        sum[0] = 0x80;
        assert_eq!(add(&most, &one), sum);
        let secrets = Secrets::new([7; 32]);
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let [a, b, c] = ["a", "b", "c"].map(|id| of_row(&secrets, "mails", tenant, id));
        assert_eq!(add(&add(&a, &b), &c), add(&c, &add(&b, &a)));
        assert_ne!(add(&a, &b), add(&a, &a));
    }
}
