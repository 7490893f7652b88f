//! What the map says, in words for people: packages of a person's data and pages show the same.

use super::{Basis, ENDED_DAYS, Keep};

impl Keep {
    /// How long, as the rest of a sentence that begins "It is kept".
    pub fn words(self) -> String {
        match self {
            Self::Account => "as long as the account with the controller exists".to_owned(),
            Self::RunLive => "until the run that holds it ends".to_owned(),
            Self::RetentionClass => {
                let (class, days) = ENDED_DAYS[0];
                format!("{days} days after the run ended (class {class}), or as the run's own class says")
            }
            Self::UntilSent => "until it is sent".to_owned(),
            Self::UntilExpiry => "until the time that the entry itself names".to_owned(),
            Self::UntilDone => "until the work it describes is done".to_owned(),
            Self::Days(days) => format!("{days} days"),
            Self::PayloadDays(days) => {
                format!("{days} days; then its content is erased, and what is left names nobody")
            }
            Self::Fixed => "always; it is a fixed number of entries".to_owned(),
        }
    }
}

impl Basis {
    /// Which basis in law.
    pub fn words(self) -> &'static str {
        match self {
            Self::Contract => "GDPR article 6(1)(b): needed to give the service",
            Self::LegalObligation => "GDPR article 6(1)(c): a law asks for it",
            Self::LegitimateInterest => "GDPR article 6(1)(f): safe operation of the service",
            Self::LegalClaims => {
                "GDPR article 6(1)(f): to establish, exercise or defend legal claims (article 17(3)(e))"
            }
            Self::NoPersonalData => "none needed: there is no personal data in it",
        }
    }
}
