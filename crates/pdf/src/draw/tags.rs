//! The structure that a screen reader follows: headings, paragraphs, tables with their heads, figures with a text.

use std::{collections::BTreeMap, num::NonZeroU16, sync::Arc};

use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};

use crate::{Block, Report, layout::Role, typeset::Paragraph};

/// How content of this role is marked where it is drawn.
pub(super) fn content(role: Role) -> ContentTag<'static> {
    match role {
        Role::Repeated => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
        _ => ContentTag::Span(SpanTag::empty()),
    }
}

/// The same of a shape.
pub(super) fn shape(figure: Option<usize>) -> ContentTag<'static> {
    match figure {
        None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        Some(_) => ContentTag::Other,
    }
}

/// Cells of a table by row and column.
type Rows = BTreeMap<usize, BTreeMap<usize, Vec<Identifier>>>;

/// A part of the document, with what was drawn for it.
enum Part {
    Title(Vec<Identifier>),
    Heading(Vec<Identifier>),
    Text(Vec<Identifier>),
    Table(usize, Rows),
    Figure(usize, Vec<Identifier>),
}

/// What has been drawn so far, in reading order.
#[derive(Default)]
pub(super) struct Tags {
    parts: Vec<Part>,
    /// The paragraph that is being drawn: on a further page it goes on.
    current: Option<Arc<Paragraph>>,
}

impl Tags {
    /// A paragraph begins, or goes on.
    pub(super) fn note(&mut self, role: Role, paragraph: &Arc<Paragraph>) {
        if role == Role::Repeated
            || self
                .current
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, paragraph))
        {
            return;
        }
        self.current = Some(Arc::clone(paragraph));
        match role {
            Role::Title => self.parts.push(Part::Title(Vec::new())),
            Role::Heading => self.parts.push(Part::Heading(Vec::new())),
            Role::Text => self.parts.push(Part::Text(Vec::new())),
            Role::Cell { .. } | Role::Figure(_) | Role::Repeated => {}
        }
    }

    /// A line of it was drawn.
    pub(super) fn add(&mut self, role: Role, id: Identifier) {
        match role {
            Role::Repeated => {}
            Role::Cell { table, row, column } => {
                self.table(table)
                    .entry(row)
                    .or_default()
                    .entry(column)
                    .or_default()
                    .push(id);
            }
            Role::Figure(figure) => self.figure(figure).push(id),
            Role::Title | Role::Heading | Role::Text => {
                if let Some(Part::Title(ids) | Part::Heading(ids) | Part::Text(ids)) = self.parts.last_mut() {
                    ids.push(id);
                }
            }
        }
    }

    /// A shape was drawn.
    pub(super) fn add_shape(&mut self, figure: Option<usize>, id: Identifier) {
        if let Some(figure) = figure {
            self.figure(figure).push(id);
        }
    }

    fn table(&mut self, number: usize) -> &mut Rows {
        let known = |part: &Part| matches!(part, Part::Table(table, _) if *table == number);
        let place = self.parts.iter().rposition(known).unwrap_or_else(|| {
            self.parts.push(Part::Table(number, Rows::new()));
            self.parts.len() - 1
        });
        let Part::Table(_, rows) = &mut self.parts[place] else {
            unreachable!("`known` looks for tables only")
        };
        rows
    }

    fn figure(&mut self, number: usize) -> &mut Vec<Identifier> {
        let known = |part: &Part| matches!(part, Part::Figure(figure, _) if *figure == number);
        let place = self.parts.iter().rposition(known).unwrap_or_else(|| {
            self.parts.push(Part::Figure(number, Vec::new()));
            self.parts.len() - 1
        });
        let Part::Figure(_, ids) = &mut self.parts[place] else {
            unreachable!("`known` looks for figures only")
        };
        ids
    }

    /// The tree.
    pub(super) fn tree(self, report: &Report) -> TagTree {
        let mut headings = report.blocks.iter().filter_map(|block| match block {
            Block::Heading(text) => Some(text.clone()),
            _ => None,
        });
        let figures: Vec<String> = report.blocks.iter().filter_map(described).collect();
        let mut tree = TagTree::new().with_lang(Some(report.language.clone()));
        for part in self.parts {
            tree.push(match part {
                Part::Title(ids) => group(heading(1, &report.title), ids),
                Part::Heading(ids) => group(heading(2, &headings.next().unwrap_or_default()), ids),
                Part::Text(ids) => group(Tag::P, ids),
                Part::Table(_, rows) => table(rows),
                Part::Figure(number, ids) => group(Tag::Figure(figures.get(number).cloned()), ids),
            });
        }
        tree
    }
}

/// A chart in words.
fn described(block: &Block) -> Option<String> {
    let Block::Chart(chart) = block else {
        return None;
    };
    let points: Vec<String> = chart
        .points
        .iter()
        .map(|point| format!("{}: {}", point.name, point.shown))
        .collect();
    Some(format!("Bar chart. {}. {}", chart.title, points.join("; ")))
}

fn heading(level: u16, title: &str) -> krilla::tagging::TagKind {
    let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    Tag::Hn(level, Some(title.to_owned())).into()
}

fn group(tag: impl Into<krilla::tagging::TagKind>, ids: Vec<Identifier>) -> TagGroup {
    TagGroup::with_children(tag, ids.into_iter().map(Node::from).collect())
}

fn table(rows: Rows) -> TagGroup {
    let with_head = rows.contains_key(&0);
    let mut table = TagGroup::new(Tag::Table);
    for (row, cells) in rows {
        let mut line = TagGroup::new(Tag::TR);
        for (column, ids) in cells {
            line.push(match (row, column) {
                (0, _) => group(Tag::TH(TableHeaderScope::Column), ids),
                (_, 0) if !with_head => group(Tag::TH(TableHeaderScope::Row), ids),
                _ => group(Tag::TD, ids),
            });
        }
        table.push(line);
    }
    table
}
