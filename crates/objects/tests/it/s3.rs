use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use levqor_egress::{Egress, Policy};
use levqor_objects::{Key, ObjectError, Objects, S3, S3Location};
use levqor_testkit::{Answer, Recorded};

use crate::{
    bucket::{ACCESS_KEY, FakeBucket, SECRET, error},
    sigv4::verify,
};

fn s3(setting: &str, secret: &str, allow_loopback: bool) -> S3 {
    let location = S3Location::parse(setting).unwrap();
    let egress = Egress::new(Policy {
        allow_loopback,
        ..Policy::default()
    });
    // 2026-01-31T12:00:00Z.
    let now = Arc::new(|| 1_769_860_800_000_000);
    S3::new(location, ACCESS_KEY, secret, egress, now)
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

#[tokio::test]
async fn an_object_is_written_replaced_read_and_deleted_with_signed_requests() -> Result<()> {
    let bucket = FakeBucket::start().await?;
    let (s3, key) = (
        s3(&bucket.setting("exports"), SECRET, true),
        key("dsar/0198a-b/export_1.zip"),
    );
    assert_eq!(s3.get(&key).await?, None);
    s3.put(&key, Bytes::from_static(b"one")).await?;
    s3.put(&key, Bytes::from_static(b"two")).await?;
    assert_eq!(s3.get(&key).await?.as_deref(), Some(b"two".as_slice()));
    assert_eq!(bucket.objects.lock().len(), 1);
    s3.delete(&key).await?;
    s3.delete(&key).await?;
    assert_eq!(s3.get(&key).await?, None);
    s3.put(&key, Bytes::new()).await?;
    assert_eq!(s3.get(&key).await?.as_deref(), Some(b"".as_slice()));
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_or_bucket_is_the_operators_to_mend() -> Result<()> {
    let bucket = FakeBucket::start().await?;
    let key = key("a");
    for wrong in [
        s3(&bucket.setting("exports"), "another", true),
        s3(&bucket.setting("elsewhere"), SECRET, true),
    ] {
        assert!(matches!(
            wrong.put(&key, Bytes::new()).await,
            Err(ObjectError::Setup(_))
        ));
        assert!(
            matches!(wrong.get(&key).await, Err(ObjectError::Setup(_))),
            "it is not taken for an object that is not there"
        );
        assert!(matches!(wrong.delete(&key).await, Err(ObjectError::Setup(_))));
    }
    Ok(())
}

#[tokio::test]
async fn a_server_in_trouble_may_heal() -> Result<()> {
    let bucket = FakeBucket::start().await?;
    let (s3, key) = (s3(&bucket.setting("exports"), SECRET, true), key("a"));
    for trouble in [error(503, "SlowDown"), Answer::status(500), Answer::dropped()] {
        bucket.server.respond(move |_| trouble.clone());
        assert!(matches!(s3.get(&key).await, Err(ObjectError::Unavailable(_))));
    }
    Ok(())
}

#[tokio::test]
async fn loopback_is_refused_unless_it_is_allowed() -> Result<()> {
    let bucket = FakeBucket::start().await?;
    let refused = s3(&bucket.setting("exports"), SECRET, false).get(&key("a")).await;
    assert!(matches!(refused, Err(ObjectError::Setup(_))), "{refused:?}");
    assert!(bucket.server.requests().is_empty());
    Ok(())
}

fn alter_header(request: &mut Recorded, name: &'static str) {
    request.headers.insert(name, "other".parse().unwrap());
}

#[tokio::test]
async fn the_server_of_these_tests_finds_an_altered_request() -> Result<()> {
    let bucket = FakeBucket::start().await?;
    s3(&bucket.setting("exports"), SECRET, true)
        .put(&key("a"), Bytes::from_static(b"x"))
        .await?;
    let good = bucket.server.requests().remove(0);
    let signed = |request: &Recorded| verify(request, ACCESS_KEY, SECRET, crate::bucket::REGION);
    signed(&good)?;
    let alterations: [fn(&mut Recorded); 5] = [
        |request| request.path = request.path.replace("/a?", "/b?"),
        |request| request.method = "GET".to_owned(),
        |request| request.path = request.path.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
        |request| alter_header(request, "x-amz-checksum-sha256"),
        |request| alter_header(request, "host"),
    ];
    for alter in alterations {
        let mut altered = good.clone();
        alter(&mut altered);
        assert!(signed(&altered).is_err(), "{} {}", altered.method, altered.path);
    }
    Ok(())
}
