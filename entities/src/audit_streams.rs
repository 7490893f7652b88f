//! Heads of the audit chains: one row for each tenant and stream.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::TenantId;

    /// The head of a chain.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_streams")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Such as `dsar`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream: String,
        /// Number of the last entry; the first is 1.
        pub seq: i64,
        /// Hash of the last entry.
        pub hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);

/// Heads of all tenants: for the operator's check, which knows no tenant.
pub fn find_all() -> sea_orm::Select<table::Entity> {
    use sea_orm::EntityTrait;
    table::Entity::find()
}

/// Makes the head or moves it on by one, and so holds it until the transaction ends. `genesis` is the hash that stands
/// before the first entry; the answer has the new `seq` and still the hash before it.
pub fn advance(
    tenant: crate::ids::TenantId,
    stream: &str,
    genesis: &[u8],
) -> sea_orm::Insert<table::ActiveModel> {
    use sea_orm::{EntityTrait, ExprTrait, IntoActiveModel, sea_query::Expr, sea_query::OnConflict};
    let first = Model {
        tenant_id: tenant,
        stream: stream.to_owned(),
        seq: 1,
        hash: genesis.to_owned(),
    };
    let next = Expr::col((table::Entity, Column::Seq)).add(1);
    let mut moved = OnConflict::columns([Column::TenantId, Column::Stream]);
    table::Entity::insert(first.into_active_model()).on_conflict(moved.value(Column::Seq, next).to_owned())
}

/// Sets the hash of the head that [`advance`] holds.
pub fn secure_update(tenant: crate::ids::TenantId) -> sea_orm::UpdateMany<table::Entity> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    table::Entity::update_many().filter(Column::TenantId.eq(tenant))
}
