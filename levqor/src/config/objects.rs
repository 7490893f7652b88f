//! Where exports and reports go.

use std::{fmt, path::PathBuf};

use anyhow::{Context, bail};
use levqor_objects::S3Location;

use super::Settings;

/// A folder, or a bucket with the keys to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObjectsPlace {
    /// Files of this machine, or of a shared file system.
    Folder(PathBuf),
    /// A bucket that speaks S3.
    S3(S3Settings),
}

/// A bucket and the keys to it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct S3Settings {
    /// As it was written.
    pub(crate) url: String,
    pub(crate) location: S3Location,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

impl ObjectsPlace {
    /// `data` is the folder in which the embedded size keeps its files.
    pub(super) fn new(s: &Settings, data: &str) -> anyhow::Result<Self> {
        let usual = || PathBuf::from(data).join("objects");
        let Some(url) = s.objects.as_ref().filter(|text| S3Location::is_one(text)) else {
            return Ok(Self::Folder(s.objects.as_ref().map_or_else(usual, PathBuf::from)));
        };
        let location = S3Location::parse(url)
            .map_err(anyhow::Error::msg)
            .context("objects")?;
        let (Some(access_key), Some(secret_key)) = (s.s3_access_key.clone(), s.s3_secret_key.clone()) else {
            bail!("objects is a bucket: set s3_access_key and s3_secret_key");
        };
        Ok(Self::S3(S3Settings {
            url: url.clone(),
            location,
            access_key,
            secret_key,
        }))
    }
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// TOML, a setting a line, with the secret masked.
impl fmt::Display for ObjectsPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => writeln!(f, "objects = {:?}", folder.display().to_string()),
            Self::S3(s3) => {
                writeln!(f, "objects = {:?}", s3.url)?;
                writeln!(f, "s3_access_key = {:?}", s3.access_key)?;
                writeln!(f, "s3_secret_key = \"***\"")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(objects: Option<&str>, key: Option<&str>) -> anyhow::Result<ObjectsPlace> {
        let settings = Settings {
            objects: objects.map(str::to_owned),
            s3_access_key: key.map(str::to_owned),
            s3_secret_key: key.map(|_| "hunter2".to_owned()),
            ..Settings::default()
        };
        ObjectsPlace::new(&settings, "data")
    }

    #[test]
    fn objects_go_into_the_data_folder_another_or_a_bucket() {
        assert_eq!(
            place(None, None).unwrap(),
            ObjectsPlace::Folder("data/objects".into())
        );
        assert_eq!(
            place(Some("/srv/x"), None).unwrap(),
            ObjectsPlace::Folder("/srv/x".into())
        );
        let bucket = place(Some("s3://exports?region=eu-west-2"), Some("AKID")).unwrap();
        let shown = bucket.to_string();
        assert!(
            shown.contains("s3://exports") && shown.contains("AKID") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert!(!format!("{bucket:?}").contains("hunter2"));
    }

    #[test]
    fn a_bucket_without_keys_or_region_is_refused_by_name() {
        let error = place(Some("s3://exports?region=eu-west-2"), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("s3_access_key"), "{error}");
        let error = format!("{:#}", place(Some("s3://exports"), Some("AKID")).unwrap_err());
        assert!(error.contains("objects") && error.contains("region"), "{error}");
    }
}
