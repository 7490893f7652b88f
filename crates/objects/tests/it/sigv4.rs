//! AWS Signature Version 4 in a query string, verified by its description, with nothing of the code under test.

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use levqor_testkit::Recorded;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Names and values of the query, as they stand there.
fn pairs(query: &str) -> Vec<(&str, &str)> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect()
}

fn value(query: &str, name: &str) -> Result<String> {
    let found = pairs(query).into_iter().find(|(known, _)| *known == name);
    let (_, value) = found.with_context(|| format!("no {name}"))?;
    Ok(percent_decode_str(value).decode_utf8()?.into_owned())
}

/// Fails unless the request is signed by this key for this region and service `s3`.
pub(crate) fn verify(request: &Recorded, access_key: &str, secret: &str, region: &str) -> Result<()> {
    let (path, query) = request.path.split_once('?').context("no query")?;
    ensure!(value(query, "X-Amz-Algorithm")? == "AWS4-HMAC-SHA256");
    let at = value(query, "X-Amz-Date")?;
    let scope = format!("{}/{region}/s3/aws4_request", &at[..8]);
    ensure!(value(query, "X-Amz-Credential")? == format!("{access_key}/{scope}"));
    let canonical = canonical(request, path, query)?;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
        hex::encode(Sha256::digest(canonical))
    );
    let mut key = mac(format!("AWS4{secret}").as_bytes(), &at[..8])?;
    for part in [region, "s3", "aws4_request"] {
        key = mac(&key, part)?;
    }
    ensure!(
        value(query, "X-Amz-Signature")? == hex::encode(mac(&key, &to_sign)?),
        "the signature is wrong"
    );
    Ok(())
}

fn canonical(request: &Recorded, path: &str, query: &str) -> Result<String> {
    let mut signed: Vec<_> = pairs(query)
        .into_iter()
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .collect();
    signed.sort_unstable();
    let query_text: Vec<String> = signed
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let names = value(query, "X-Amz-SignedHeaders")?;
    let header = |name: &str| {
        let value = request
            .header(name)
            .with_context(|| format!("{name} is signed, but was not sent"))?;
        Ok(format!("{name}:{}\n", value.trim()))
    };
    let headers = names.split(';').map(header).collect::<Result<String>>()?;
    Ok(format!(
        "{}\n{path}\n{}\n{headers}\n{names}\nUNSIGNED-PAYLOAD",
        request.method,
        query_text.join("&")
    ))
}
