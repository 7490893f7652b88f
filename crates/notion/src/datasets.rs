//! Which of our fields go into which property of which database: the ten of the original, as a table.

use std::collections::BTreeMap;

/// What type a property has in Notion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The page's title; each database has one.
    Title,
    /// `rich_text`.
    Text,
    /// `number`.
    Number,
    /// `select`.
    Select,
    /// `date`; the field is an RFC 3339 time or date.
    Time,
}

/// A field and its property.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub(crate) field: &'static str,
    pub(crate) property: &'static str,
    pub(crate) form: Form,
}

/// A database. It needs the properties of its columns, and a text property `External ID`.
#[derive(Clone, Copy, Debug)]
pub struct Dataset {
    /// Its name in our settings.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

macro_rules! columns {
    ($($field:literal -> $property:literal $form:ident),* $(,)?) => {
        &[$(Column { field: $field, property: $property, form: Form::$form }),*]
    };
}

/// All databases.
pub const DATASETS: &[Dataset] = &[
    Dataset {
        name: "runs",
        columns: columns![
            "name" -> "Name" Title,
            "state" -> "State" Select,
            "version" -> "Version" Text,
            "started_at" -> "Started" Time,
            "ended_at" -> "Ended" Time,
            "duration_ms" -> "Duration ms" Number,
            "attempts" -> "Attempts" Number,
        ],
    },
    Dataset {
        name: "health",
        columns: columns![
            "name" -> "Name" Title,
            "at" -> "Timestamp" Time,
            "endpoint" -> "Endpoint" Text,
            "status" -> "Status" Select,
            "latency_ms" -> "Latency" Number,
            "notes" -> "Notes" Text,
        ],
    },
    Dataset {
        name: "cost",
        columns: columns![
            "name" -> "Name" Title,
            "date" -> "Date" Time,
            "runs" -> "Runs" Number,
            "worker_seconds" -> "Worker seconds" Number,
            "mails" -> "Mails" Number,
            "revenue" -> "Stripe Revenue" Number,
            "fees" -> "Stripe Fees" Number,
            "failed_payments" -> "Failed Payments" Number,
            "total" -> "Total Cost" Number,
            "margin" -> "Net Margin" Number,
            "alert" -> "Alert" Text,
        ],
    },
    Dataset {
        name: "pulse",
        columns: columns![
            "name" -> "Name" Title,
            "week_ending" -> "Week Ending" Time,
            "runs" -> "Runs" Number,
            "success" -> "Success %" Number,
            "active_tenants" -> "Active Users" Number,
            "revenue" -> "Revenue" Number,
            "churn" -> "Churn" Number,
            "net" -> "Net" Number,
            "summary" -> "Summary" Text,
        ],
    },
    Dataset {
        name: "integrity",
        columns: columns![
            "name" -> "Name" Title,
            "at" -> "Timestamp" Time,
            "status" -> "Status" Select,
            "checks" -> "Integrity Tests" Number,
            "passed" -> "Finalizer Checks" Number,
            "success" -> "Success Rate" Number,
            "report" -> "Report" Text,
        ],
    },
    Dataset {
        name: "api_keys",
        columns: columns![
            "name" -> "Name" Title,
            "tenant" -> "User ID" Text,
            "key_id" -> "Key ID" Text,
            "tier" -> "Tier" Select,
            "calls_used" -> "Calls Used" Number,
            "calls_limit" -> "Calls Limit" Number,
            "created_at" -> "Created At" Time,
            "status" -> "Status" Select,
        ],
    },
    Dataset {
        name: "partner_registry",
        columns: columns![
            "name" -> "Name" Title,
            "partner_id" -> "Partner ID" Text,
            "email" -> "Email" Text,
            "share" -> "Revenue Share %" Number,
            "status" -> "Status" Select,
            "registered_at" -> "Registered At" Time,
        ],
    },
    Dataset {
        name: "marketplace_catalog",
        columns: columns![
            "name" -> "Name" Title,
            "listing_id" -> "Listing ID" Text,
            "partner_id" -> "Partner ID" Text,
            "category" -> "Category" Select,
            "price" -> "Price" Number,
            "status" -> "Status" Select,
            "created_at" -> "Created At" Time,
        ],
    },
    Dataset {
        name: "marketplace_sales",
        columns: columns![
            "order_id" -> "Order ID" Title,
            "listing" -> "Listing" Text,
            "partner" -> "Partner" Text,
            "amount" -> "Amount" Number,
            "sold_at" -> "Sale Date" Time,
        ],
    },
    Dataset {
        name: "audit_logs",
        columns: columns![
            "audit_id" -> "Audit ID" Title,
            "entries" -> "Partners Audited" Number,
            "whole" -> "Compliant" Number,
            "faults" -> "Issues Found" Number,
            "at" -> "Audit Date" Time,
        ],
    },
];

/// The dataset of this name.
pub fn dataset(name: &str) -> Option<&'static Dataset> {
    DATASETS.iter().find(|dataset| dataset.name == name)
}

/// Which data source of Notion each dataset goes to; those that are not named go nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Databases(BTreeMap<&'static str, String>);

impl Databases {
    /// Reads `runs=0f8e…,health=…`: names of datasets and ids of data sources.
    ///
    /// # Errors
    /// What is wrong, in words for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, id) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} is not name=id"))?;
            let known = dataset(name.trim()).ok_or_else(|| {
                let names: Vec<_> = DATASETS.iter().map(|dataset| dataset.name).collect();
                format!("{name:?} is none of {}", names.join(", "))
            })?;
            let id = id.trim();
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
                return Err(format!("{id:?} is not the id of a data source"));
            }
            all.insert(known.name, id.to_owned());
        }
        Ok(Self(all))
    }

    /// The data source of a dataset.
    pub fn get(&self, dataset: &str) -> Option<&str> {
        self.0.get(dataset).map(String::as_str)
    }

    /// All, by dataset.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, id)| (*name, id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dataset_has_one_title_and_no_property_twice() {
        for dataset in DATASETS {
            let titles = dataset.columns.iter().filter(|column| column.form == Form::Title);
            assert_eq!(titles.count(), 1, "{}", dataset.name);
            let mut names: Vec<_> = dataset.columns.iter().map(|column| column.property).collect();
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{}", dataset.name);
        }
    }

    #[test]
    fn databases_are_named_by_dataset_and_mistakes_are_told() {
        let some = Databases::parse(" runs=0f8e-1 , health = ab12 ,").unwrap();
        assert_eq!(some.get("runs"), Some("0f8e-1"));
        assert_eq!(some.get("cost"), None);
        for bad in ["runs", "walks=12", "runs=", "runs=../x"] {
            assert!(Databases::parse(bad).is_err(), "{bad}");
        }
    }
}
