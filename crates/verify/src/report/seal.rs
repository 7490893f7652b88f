//! Signatures of reports: Ed25519 (RFC 8032) over the bytes of the report as they stand in the file.
//!
//! The file is `{"report":…,"signature":"…"}` in exactly the form it is written in here, so that every byte of it is either
//! signed or prescribed.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{FORM, Report};

/// Signs reports.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// With the key of this seed (RFC 8032, 5.1.5).
    ///
    /// # Errors
    /// Never for 32 bytes.
    pub fn new(seed: &[u8; 32]) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self)
            .map_err(|error| anyhow::anyhow!("the seed makes no key: {error}"))
    }

    /// The public key, 64 hexadecimal digits.
    pub fn public(&self) -> String {
        hex::encode(self.0.public_key())
    }

    /// The signed report, one line with its end.
    ///
    /// # Errors
    /// The report cannot be written as JSON, which it always can.
    pub fn sign(&self, report: &Report) -> anyhow::Result<String> {
        let body = RawValue::from_string(serde_json::to_string(report)?)?;
        let signature = hex::encode(self.0.sign(body.get().as_bytes()));
        written(&File {
            report: body,
            signature,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    report: Box<RawValue>,
    signature: String,
}

fn written(file: &File) -> anyhow::Result<String> {
    Ok(serde_json::to_string(file)? + "\n")
}

/// A report whose signature fits.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub report: Report,
}

/// Why a file is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not a report, or not in the form in which reports are written.
    #[error("this is no report as it was written: {0}")]
    Form(String),
    /// It names another key than the one expected.
    #[error("it is signed by the key {0}, which is not the one expected")]
    OtherKey(String),
    /// The signature does not fit: something was changed.
    #[error("the signature does not fit: something in it was changed")]
    Signature,
}

/// Checks a file by the key it names, which must be `expected` when one is.
///
/// # Errors
/// Why it is not believed.
pub fn check(text: &str, expected: Option<&str>) -> Result<Checked, Broken> {
    let form = |error: &dyn std::fmt::Display| Broken::Form(error.to_string());
    let file: File = serde_json::from_str(text).map_err(|error| form(&error))?;
    if written(&file).map_err(|error| form(&error))? != text {
        return Err(form(&"bytes were added or spelled otherwise"));
    }
    let report: Report = serde_json::from_str(file.report.get()).map_err(|error| form(&error))?;
    if report.form != FORM {
        return Err(form(&format_args!("its form is {:?}", report.form)));
    }
    if expected.is_some_and(|key| !key.eq_ignore_ascii_case(&report.public_key)) {
        return Err(Broken::OtherKey(report.public_key));
    }
    let (key, signature) = (hex::decode(&report.public_key), hex::decode(&file.signature));
    let (Ok(key), Ok(signature)) = (key, signature) else {
        return Err(Broken::Signature);
    };
    if file.signature != hex::encode(&signature) {
        return Err(form(&"the signature is spelled otherwise"));
    }
    let signed = UnparsedPublicKey::new(&ED25519, key).verify(file.report.get().as_bytes(), &signature);
    signed.map_err(|_| Broken::Signature)?;
    Ok(Checked { report })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn signer() -> Signer {
        Signer::new(&[7; 32]).unwrap()
    }

    fn report() -> Report {
        Report {
            form: FORM.to_owned(),
            version: "0".to_owned(),
            begun_at: "2026-01-01T00:00:00Z".to_owned(),
            target: "embedded".to_owned(),
            seed: u64::MAX,
            duration_s: 1,
            rate: 1,
            holds: true,
            verdicts: Vec::new(),
            figures: BTreeMap::new(),
            plan: Vec::new(),
            faults: Vec::new(),
            impossible: Vec::new(),
            unchecked: Vec::new(),
            exits: Vec::new(),
            public_key: signer().public(),
        }
    }

    #[test]
    fn a_signed_report_is_read_back() {
        let text = signer().sign(&report()).unwrap();
        let key = signer().public();
        assert_eq!(check(&text, Some(&key)).unwrap().report.seed, u64::MAX);
        assert!(check(&text, None).is_ok());
    }

    #[test]
    fn no_byte_of_it_can_be_changed() {
        let text = signer().sign(&report()).unwrap();
        for at in 0..text.len() {
            for other in [b' ', b'0', b'a', b'"'] {
                let mut changed = text.clone().into_bytes();
                if changed[at] != other {
                    changed[at] = other;
                    let changed = String::from_utf8(changed).unwrap();
                    assert!(check(&changed, None).is_err(), "byte {at}: {changed}");
                }
            }
        }
        assert!(check(&format!("{text}\n"), None).is_err());
    }

    #[test]
    fn a_report_signed_anew_by_somebody_else_is_told_by_the_key_expected() {
        let other = Signer::new(&[8; 32]).unwrap();
        let text = other
            .sign(&Report {
                public_key: other.public(),
                ..report()
            })
            .unwrap();
        assert!(check(&text, None).is_ok());
        let key = signer().public();
        assert_eq!(
            check(&text, Some(&key)).unwrap_err(),
            Broken::OtherKey(other.public())
        );
    }

    #[test]
    fn a_key_that_did_not_sign_is_found() {
        let text = Signer::new(&[8; 32]).unwrap().sign(&report()).unwrap();
        assert_eq!(check(&text, None).unwrap_err(), Broken::Signature);
    }
}
