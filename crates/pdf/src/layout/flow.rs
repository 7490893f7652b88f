//! A column that breaks into pages.

use std::sync::Arc;

use super::{BOTTOM, Item, MARGIN, MEASURE, Page, Rgb, Role};
use crate::typeset::Paragraph;

/// Pages so far, and where the next thing goes.
#[derive(Debug)]
pub(crate) struct Flow {
    pages: Vec<Page>,
    page: Page,
    y: f32,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            page: Page::default(),
            y: MARGIN,
        }
    }
}

impl Flow {
    /// Where the next thing goes.
    pub(super) fn y(&self) -> f32 {
        self.y
    }

    /// Whether so much still fits on this page.
    pub(super) fn fits(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    /// Begins a new page unless so much fits on this one, or nothing is on it yet.
    pub(super) fn reserve(&mut self, height: f32) {
        if !self.fits(height) && !self.page.items.is_empty() {
            self.turn();
        }
    }

    pub(super) fn turn(&mut self) {
        self.pages.push(std::mem::take(&mut self.page));
        self.y = MARGIN;
    }

    /// Empty space; none at the top of a page.
    pub(super) fn space(&mut self, height: f32) {
        if self.y > MARGIN {
            self.y += height;
        }
    }

    /// A line over the whole width.
    pub(super) fn rule(&mut self, color: Rgb, height: f32) {
        self.space(4.0);
        self.push(Item::Box {
            x: MARGIN,
            y: self.y,
            width: MEASURE,
            height,
            color,
            figure: None,
        });
        self.y += height;
    }

    /// Places something without moving on.
    pub(super) fn push(&mut self, item: Item) {
        self.page.items.push(item);
    }

    /// Moves on.
    pub(super) fn advance(&mut self, height: f32) {
        self.y += height;
    }

    /// A paragraph over the whole width, continued on the next page where it must.
    pub(super) fn text(&mut self, paragraph: Paragraph, role: Role) {
        let paragraph = Arc::new(paragraph);
        let mut from = 0;
        while from < paragraph.lines.len() {
            self.reserve(paragraph.lines[from].height);
            let mut to = from + 1;
            while to < paragraph.lines.len() && self.fits(paragraph.height(from..to + 1)) {
                to += 1;
            }
            let height = paragraph.height(from..to);
            self.push(Item::Text {
                paragraph: paragraph.clone(),
                lines: from..to,
                x: MARGIN,
                y: self.y,
                role,
            });
            self.y += height;
            from = to;
        }
    }

    pub(super) fn into_pages(mut self) -> Vec<Page> {
        self.turn();
        self.pages
    }
}
