//! People and their tokens.

use crate::portable::Portable;

pub(crate) const PEOPLE: Portable = Portable {
    name: "m0002_people",
    sql: include_str!("../sql/0002_people.sql"),
};
