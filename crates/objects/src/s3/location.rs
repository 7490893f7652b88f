//! Which bucket, as a setting says it.

use rusty_s3::{Bucket, UrlStyle};
use url::Url;

/// `s3://BUCKET?region=REGION` at AWS, or with `&endpoint=URL` at a server that speaks S3, which is asked with the bucket in
/// the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    pub(super) bucket: Bucket,
}

impl S3Location {
    /// Whether a setting is meant for S3 at all.
    pub fn is_one(text: &str) -> bool {
        text.starts_with("s3:")
    }

    /// From the setting.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let name = url
            .host_str()
            .filter(|_| url.scheme() == "s3")
            .unwrap_or_default()
            .to_owned();
        let bare = matches!(url.path(), "" | "/") && url.username().is_empty() && url.port().is_none();
        if !is_bucket(&name) || !bare || url.fragment().is_some() {
            return Err(
                "expected s3://BUCKET?region=REGION, and no more before the question mark".to_owned(),
            );
        }
        let (mut region, mut endpoint) = (None, None);
        for (key, value) in url.query_pairs() {
            match &*key {
                "region" if region.is_none() => region = Some(value.into_owned()),
                "endpoint" if endpoint.is_none() => endpoint = Some(value.into_owned()),
                other => return Err(format!("{other} is not known, or stands there twice")),
            }
        }
        let region = region
            .filter(|region| is_region(region))
            .ok_or("the region is missing or is none")?;
        Self::new(&name, &region, endpoint.as_deref())
    }

    fn new(name: &str, region: &str, endpoint: Option<&str>) -> Result<Self, String> {
        // AWS's certificates cover one label before its own, so a bucket with dots goes into the path.
        let (url, style) = match endpoint {
            Some(endpoint) => (endpoint.to_owned(), UrlStyle::Path),
            None if name.contains('.') => (format!("https://s3.{region}.amazonaws.com"), UrlStyle::Path),
            None => (
                format!("https://s3.{region}.amazonaws.com"),
                UrlStyle::VirtualHost,
            ),
        };
        let url = Url::parse(&url).map_err(|error| format!("endpoint: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("endpoint: the keys have settings of their own".to_owned());
        }
        let bucket = Bucket::new(url, style, name.to_owned(), region.to_owned());
        bucket
            .map(|bucket| Self { bucket })
            .map_err(|error| format!("endpoint: {error}"))
    }
}

/// AWS's rules: 3 to 63 lower-case letters, digits, hyphens and dots, beginning and ending with a letter or digit.
fn is_bucket(name: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (3..=63).contains(&name.len())
        && name.bytes().all(inner)
        && edge(name.bytes().next())
        && edge(name.bytes().last())
        && !name.contains("..")
}

fn is_region(region: &str) -> bool {
    !region.is_empty()
        && region
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> String {
        S3Location::parse(text).unwrap().bucket.base_url().to_string()
    }

    #[test]
    fn a_bucket_is_asked_at_aws_or_at_an_endpoint() {
        assert_eq!(
            url("s3://exports?region=eu-west-2"),
            "https://exports.s3.eu-west-2.amazonaws.com/"
        );
        assert_eq!(
            url("s3://a.b.c?region=eu-west-2"),
            "https://s3.eu-west-2.amazonaws.com/a.b.c/"
        );
        assert_eq!(
            url("s3://exports/?region=x&endpoint=http://127.0.0.1:9000"),
            "http://127.0.0.1:9000/exports/"
        );
    }

    #[test]
    fn what_is_no_location_is_refused() {
        for bad in [
            "s3://exports",
            "s3://exports?region=",
            "s3://exports?region=eu west",
            "s3://exports?region=x&region=y",
            "s3://exports?region=x&key=y",
            "s3://exports/folder?region=x",
            "s3://user@exports?region=x",
            "s3://exports:80?region=x",
            "s3://ab?region=x",
            "s3://-abc?region=x",
            "s3://a..b?region=x",
            "s3://Ex%20ports?region=x",
            "https://exports?region=x",
            "s3://exports?region=x&endpoint=ftp://host",
            "s3://exports?region=x&endpoint=nonsense",
            "s3://exports?region=x&endpoint=https://key:secret@host",
        ] {
            assert!(S3Location::parse(bad).is_err(), "{bad}");
        }
    }
}
