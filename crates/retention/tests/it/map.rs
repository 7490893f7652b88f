//! The rules against the data map and the schema: neither can change without the other.

use std::collections::BTreeSet;

use levqor_entities::data_map::{self, Keep};
use levqor_migration::migrate;
use levqor_retention::policy::{By, policies};
use levqor_testkit::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// Whether rows of such a table end by their age, and so need a rule.
fn ages(keep: Keep) -> bool {
    match keep {
        Keep::Days(_) | Keep::PayloadDays(_) | Keep::RetentionClass | Keep::UntilExpiry => true,
        Keep::Account | Keep::RunLive | Keep::UntilSent | Keep::UntilDone | Keep::Fixed => false,
    }
}

#[test]
fn domain_10_9_a_table_that_ages_has_a_rule_and_a_rule_has_a_table_that_ages() {
    let ruled: BTreeSet<_> = policies().map(levqor_retention::Policy::table).collect();
    for entry in data_map::entries() {
        assert!(
            !ages(entry.keep) || ruled.contains(entry.table),
            "{} has no rule",
            entry.table
        );
    }
    for policy in policies() {
        let entry = policy
            .entry()
            .unwrap_or_else(|| panic!("{} has no table", policy.dataset));
        let part = policy.dataset != policy.table();
        assert!(part || ages(entry.keep), "{} does not age", policy.dataset);
    }
}

#[test]
fn domain_10_1_every_rule_says_its_basis_its_owner_and_days_within_its_bounds() {
    let mut seen = BTreeSet::new();
    for policy in policies() {
        let dataset = policy.dataset;
        assert!(seen.insert(dataset), "{dataset} stands twice");
        assert!(
            policy.version > 0 && !policy.clock.is_empty() && !policy.key.is_empty(),
            "{dataset}"
        );
        for text in [policy.basis, policy.article, policy.owner] {
            assert!(text.len() > 3, "{dataset}: {text:?}");
        }
        let (least, most) = policy.bounds();
        assert!((least..=most).contains(&policy.days()), "{dataset}");
        let dated = matches!(policy.entry().unwrap().keep, Keep::Days(_) | Keep::PayloadDays(_));
        assert!(!dated || policy.days() > 0, "{dataset} is deleted at once");
    }
}

/// The periods of the original, where no law asks for another: docs/DEPARTURES.md has the others.
#[test]
fn domain_10_1_the_originals_periods_are_the_defaults() {
    let days = |dataset: &str| levqor_retention::policy::policy(dataset).unwrap().days();
    // 2,555 days there; seven years with their leap days here.
    for books in ["stripe_events", "billing_invoices", "billing_subscriptions"] {
        assert_eq!(days(books), 2_557, "{books}");
    }
    assert_eq!(days("mails"), 90);
    assert_eq!(days("ended.standard"), 30);
}

const SQLITE_INDEXES: &str = "SELECT t.name, i.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, \
     pragma_index_info(i.name) c WHERE t.type = 'table' ORDER BY t.name, i.name, c.seqno";

const POSTGRES_INDEXES: &str = "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname::text \
     FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (n, at) \
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY 1, 2, k.at";

/// Each index as its table and its columns.
async fn indexes(db: &DatabaseConnection, sql: &str) -> Vec<(String, Vec<String>)> {
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    let mut indexes: Vec<(String, String, Vec<String>)> = Vec::new();
    for row in rows {
        let [table, index, column]: [String; 3] = [0, 1, 2].map(|at| row.try_get_by_index(at).unwrap());
        match indexes.last_mut() {
            Some((_, last, columns)) if *last == index => columns.push(column),
            _ => indexes.push((table, index, vec![column])),
        }
    }
    indexes
        .into_iter()
        .map(|(table, _, columns)| (table, columns))
        .collect()
}

async fn every_clock_has_an_index(db: &DatabaseConnection, sql: &str) {
    migrate(db).await.unwrap();
    let indexes = indexes(db, sql).await;
    for policy in policies().filter(|policy| policy.by == By::Sweep) {
        let wanted: Vec<_> = policy
            .only
            .map(|(column, _)| column)
            .into_iter()
            .chain([policy.clock])
            .collect();
        let has = |(table, columns): &(String, Vec<String>)| {
            table == policy.table()
                && columns
                    .iter()
                    .map(String::as_str)
                    .take(wanted.len())
                    .eq(wanted.clone())
        };
        assert!(
            indexes.iter().any(has),
            "{} has no index by {wanted:?}",
            policy.table()
        );
    }
}

#[tokio::test]
async fn every_clock_of_a_swept_table_has_an_index_on_sqlite() {
    every_clock_has_an_index(
        &Database::connect("sqlite::memory:").await.unwrap(),
        SQLITE_INDEXES,
    )
    .await;
}

#[tokio::test]
async fn every_clock_of_a_swept_table_has_an_index_on_postgres() {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    every_clock_has_an_index(&Database::connect(url).await.unwrap(), POSTGRES_INDEXES).await;
}
