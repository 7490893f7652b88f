//! How long rows are kept: the installation's rules, a row for each version of each.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::Timestamp;

    /// What becomes of rows whose time is over.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Action {
        /// They are deleted.
        Delete,
        /// They lose what names a person.
        Anonymise,
        /// They are dropped with their partition, or deleted where there is none.
        Drop,
    }

    /// One version of one rule.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_policies")]
    pub struct Model {
        /// A table, or with a dot a part of one: `mails`, `ended.short`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub dataset: String,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// The table.
        pub table_name: String,
        /// The column from which time runs.
        pub clock: String,
        /// Days after the clock; 0 when the clock is the end itself.
        pub days: i64,
        /// Least days a tenant may choose.
        pub least_days: i64,
        /// Most days a tenant may choose.
        pub most_days: i64,
        /// What happens then.
        pub action: Action,
        /// Why rows may be kept so long, in a sentence.
        pub basis: String,
        /// The article or section that says so.
        pub article: String,
        /// Which part of the product answers for it.
        pub owner: String,
        /// When the program wrote the row.
        pub installed_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Action, ActiveModel, Column, Model};

/// All versions of all rules: they are the installation's and hold nothing of a tenant.
pub fn find_all() -> sea_orm::Select<table::Entity> {
    sea_orm::EntityTrait::find()
}
