//! How long a run is kept after its end, as its document asks (`metadata: { levqor.retention: short }`).

use crate::data_map::ENDED_DAYS;

/// A retention class. On Postgres each has partitions of its own (docs/PROTOCOL.md, P12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetentionClass {
    /// For runs whose document says nothing.
    #[default]
    Standard,
    /// For runs that are of no interest soon.
    Short,
    /// For runs that prove something.
    Long,
}

impl RetentionClass {
    /// All.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Short, Self::Long];

    /// As it stands in documents and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Short => "short",
            Self::Long => "long",
        }
    }

    /// The class of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// Its rule in `retention_policies`.
    pub const fn dataset(self) -> &'static str {
        match self {
            Self::Standard => "ended.standard",
            Self::Short => "ended.short",
            Self::Long => "ended.long",
        }
    }

    /// Days after the run's end.
    pub fn days(self) -> u16 {
        let own = ENDED_DAYS.iter().find(|(class, _)| *class == self.as_str());
        own.map_or(u16::MAX, |(_, days)| *days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_days_and_is_found_by_its_name() {
        assert_eq!(ENDED_DAYS.len(), RetentionClass::ALL.len());
        for class in RetentionClass::ALL {
            assert!(class.days() < u16::MAX);
            assert_eq!(RetentionClass::from_name(class.as_str()), Some(class));
            assert_eq!(class.dataset(), format!("ended.{}", class.as_str()));
        }
        assert_eq!(RetentionClass::from_name("forever"), None);
    }
}
