//! Stripe's signatures. The digests were computed outside of this program: `printf '%s' "$t.$body" | openssl dgst -sha256
//! -hmac "$secret"`.

use levqor_billing::{BadSignature, WebhookSecret, verify};
use levqor_store::Timestamp;

const TIME: i64 = 1_700_000_000;
const BODY: &str = r#"{"id":"evt_1","note":"café"}"#;
const FIRST: &str = "9b812d972cdb1e00a21dc0f3dd15d01f0de76ee0c8b9ae65aa3a63fba8aa95a1";
const SECOND: &str = "69be7a95a25134c25584fac68f68750de1ef684e495ccec211ec4793144923a4";

fn check_at(header: &str, body: &str, seconds: i64, secrets: &[&str]) -> Result<(), BadSignature> {
    let secrets: Vec<_> = secrets.iter().map(|text| WebhookSecret::new(text)).collect();
    verify(header, body.as_bytes(), &secrets, Timestamp(seconds * 1_000_000))
}

fn check(header: &str) -> Result<(), BadSignature> {
    check_at(header, BODY, TIME, &["whsec_first", "whsec_second"])
}

#[test]
fn domain_4_2_every_v1_is_tried_against_every_secret() {
    let wrong = "0".repeat(64);
    for header in [
        format!("t={TIME},v1={FIRST}"),
        format!("t={TIME},v1={SECOND}"),
        format!("v1={SECOND},t={TIME}"),
        format!("t={TIME}, v1={wrong}, v1={SECOND}"),
        format!("t={TIME},v1={wrong},v1={FIRST},v0={wrong}"),
        format!("t={TIME},v1=not-hex,v1={FIRST},scheme=new"),
    ] {
        assert_eq!(check(&header), Ok(()), "{header}");
    }
    // During a roll, and after it.
    let header = format!("t={TIME},v1={FIRST},v1={SECOND}");
    assert_eq!(check_at(&header, BODY, TIME, &["whsec_second"]), Ok(()));
    assert_eq!(
        check_at(&format!("t={TIME},v1={FIRST}"), BODY, TIME, &["whsec_second"]),
        Err(BadSignature::Mismatch)
    );
}

#[test]
fn domain_4_2_any_other_byte_time_or_scheme_fits_nothing() {
    let header = format!("t={TIME},v1={FIRST}");
    for body in ["", "{\"id\":\"evt_1\",\"note\":\"cafe\"}", &format!("{BODY} ")] {
        assert_eq!(
            check_at(&header, body, TIME, &["whsec_first"]),
            Err(BadSignature::Mismatch),
            "{body:?}"
        );
    }
    let later = format!("t={},v1={FIRST}", TIME + 1);
    assert_eq!(check(&later), Err(BadSignature::Mismatch));
    assert_eq!(check(&format!("t={TIME},v0={FIRST}")), Err(BadSignature::Form));
    assert_eq!(check_at(&header, BODY, TIME, &[]), Err(BadSignature::Mismatch));
}

#[test]
fn domain_4_2_a_message_is_fresh_for_300_seconds_on_either_side() {
    let header = format!("t={TIME},v1={FIRST}");
    for (age, result) in [
        (-301, Err(BadSignature::Stale)),
        (-300, Ok(())),
        (0, Ok(())),
        (300, Ok(())),
        (301, Err(BadSignature::Stale)),
    ] {
        assert_eq!(
            check_at(&header, BODY, TIME + age, &["whsec_first"]),
            result,
            "{age}"
        );
    }
}

#[test]
fn a_header_of_another_form_is_refused() {
    for header in [
        String::new(),
        format!("v1={FIRST}"),
        format!("t={TIME}"),
        format!("t={TIME},v1=abc"),
        format!("t={TIME},t={TIME},v1={FIRST}"),
        format!("t=+{TIME},v1={FIRST}"),
        format!("t= {TIME},v1={FIRST}"),
        format!("t=99999999999999999999,v1={FIRST}"),
        format!("t=,v1={FIRST}"),
    ] {
        assert_eq!(check(&header), Err(BadSignature::Form), "{header}");
    }
}

#[test]
fn a_secret_does_not_show_itself() {
    assert_eq!(
        format!("{:?}", WebhookSecret::new("whsec_first")),
        "WebhookSecret(…)"
    );
}
