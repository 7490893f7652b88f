//! What goes to the operator's Notion.

use crate::portable::Portable;

pub(crate) const NOTION: Portable = Portable {
    name: "m0010_notion",
    sql: include_str!("../sql/0010_notion.sql"),
};
