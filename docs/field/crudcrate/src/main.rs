//! Users behind crudcrate: a row of a table, and all of the interface derived.

use crudcrate::EntityToModels;
use sea_orm::entity::prelude::*;
use sea_orm::{Database, Schema, Set};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, EntityToModels)]
#[sea_orm(table_name = "users")]
#[crudcrate(api_struct = "User", generate_router)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[crudcrate(primary_key, exclude(create, update), on_create = Uuid::new_v4())]
    pub id: Uuid,
    pub name: String,
    pub email: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).unwrap_or_default().parse::<u16>()?;
    let db = Database::connect("sqlite::memory:").await?;
    let table = Schema::new(db.get_database_backend()).create_table_from_entity(Entity);
    db.execute(&table).await?;
    // Its PUT changes what is there and creates nothing, so there is something.
    let ada =
        ActiveModel { id: Set(Uuid::from_u128(1)), name: Set("Ada".into()), email: Set("ada@example.org".into()) };
    ada.insert(&db).await?;
    let app = axum::Router::new().nest("/users", User::router(&db).into());
    axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await?;
    Ok(())
}
