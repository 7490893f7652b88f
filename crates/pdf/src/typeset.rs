//! Lines of text: shaped and wrapped by parley with the two embedded fonts, kept as runs of glyphs at places.

use std::{ops::Range, sync::Arc};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontWeight, Layout, LayoutContext,
    LineHeight, StyleProperty,
    fontique::{Blob, Collection, CollectionOptions, SourceCache},
};
use skrifa::{FontRef, MetadataProvider, charmap::Charmap};

use crate::{Align, PdfError};

/// Name of the family in the embedded fonts.
const FAMILY: &str = "Noto Sans";

/// Stands for a character that the fonts do not have.
const UNKNOWN: char = '?';

/// Height of a line in relation to the size of its font.
const LEADING: f32 = 1.35;

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    /// Points.
    pub(crate) size: f32,
    pub(crate) bold: bool,
    pub(crate) align: Align,
}

/// A line of a paragraph.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// From the paragraph's left edge.
    pub(crate) x: f32,
    /// Height of the line; its baseline is `baseline` below its top.
    pub(crate) height: f32,
    pub(crate) baseline: f32,
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

/// Wrapped text.
#[derive(Clone, Debug)]
pub(crate) struct Paragraph {
    pub(crate) text: Arc<str>,
    pub(crate) style: Style,
    pub(crate) lines: Vec<Line>,
}

impl Paragraph {
    /// Height of some of its lines.
    pub(crate) fn height(&self, lines: Range<usize>) -> f32 {
        self.lines[lines].iter().map(|line| line.height).sum()
    }

    /// Height of all lines.
    pub(crate) fn full_height(&self) -> f32 {
        self.height(0..self.lines.len())
    }
}

/// Wraps text, and has the fonts that it is drawn with.
pub(crate) struct Typesetter {
    fonts: FontContext,
    scratch: LayoutContext<()>,
    regular: Font,
    bold: Font,
    known: Charmap<'static>,
}

impl Typesetter {
    pub(crate) fn new() -> Result<Self, PdfError> {
        let options = CollectionOptions {
            shared: false,
            system_fonts: false,
        };
        let mut fonts = FontContext {
            collection: Collection::new(options),
            source_cache: SourceCache::default(),
        };
        for data in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
            let registered = fonts.collection.register_fonts(Blob::new(Arc::new(data)), None);
            if registered.is_empty() {
                return Err(PdfError::Font);
            }
        }
        Ok(Self {
            fonts,
            scratch: LayoutContext::new(),
            regular: Font::new(notosans::REGULAR_TTF.into(), 0).ok_or(PdfError::Font)?,
            bold: Font::new(notosans::BOLD_TTF.into(), 0).ok_or(PdfError::Font)?,
            known: FontRef::new(notosans::REGULAR_TTF)
                .map_err(|_| PdfError::Font)?
                .charmap(),
        })
    }

    /// The font of a style.
    pub(crate) fn font(&self, style: Style) -> Font {
        if style.bold { &self.bold } else { &self.regular }.clone()
    }

    /// The text with the characters that the fonts have. PDF/UA-1 forbids a glyph that stands for nothing; controls
    /// have none, and a table's reader wants no line breaks from them.
    fn writable(&self, text: &str) -> String {
        let known = |c: char| self.known.map(c).is_some();
        let text: String = text
            .chars()
            .map(|c| match c {
                '\n' => c,
                _ if c.is_control() => ' ',
                _ if known(c) => c,
                _ => UNKNOWN,
            })
            .collect();
        // An empty paragraph still has the height of a line.
        if text.is_empty() { " ".to_owned() } else { text }
    }

    /// Wraps `text` to `width` points. A word longer than a line is broken.
    pub(crate) fn set(&mut self, text: &str, style: Style, width: f32) -> Paragraph {
        let text: Arc<str> = self.writable(text).into();
        let weight = if style.bold {
            FontWeight::BOLD
        } else {
            FontWeight::NORMAL
        };
        let mut builder = self.scratch.ranged_builder(&mut self.fonts, &text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::Single(
            FontFamilyName::named(FAMILY),
        )));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(LEADING)));
        builder.push_default(StyleProperty::OverflowWrap(parley::OverflowWrap::Anywhere));
        let mut layout: Layout<()> = builder.build(&text);
        layout.break_all_lines(Some(width));
        let alignment = match style.align {
            Align::Left => Alignment::Start,
            Align::Right => Alignment::End,
        };
        layout.align(alignment, AlignmentOptions::default());
        Paragraph {
            lines: lines(&layout, style.size),
            text,
            style,
        }
    }
}

fn lines(layout: &Layout<()>, size: f32) -> Vec<Line> {
    let mut top = 0.0;
    layout
        .lines()
        .map(|line| {
            let metrics = *line.metrics();
            let above = top;
            top += metrics.line_height;
            Line {
                x: metrics.offset,
                height: metrics.line_height,
                baseline: metrics.baseline - above,
                glyphs: line
                    .runs()
                    .flat_map(|run| run.visual_clusters())
                    .flat_map(|cluster| {
                        let range = cluster.text_range();
                        cluster
                            .glyphs()
                            .map(move |glyph| glyph_of(&glyph, size, range.clone()))
                    })
                    .collect(),
            }
        })
        .collect()
}

fn glyph_of(glyph: &parley::Glyph, size: f32, range: Range<usize>) -> KrillaGlyph {
    KrillaGlyph::new(
        GlyphId::new(glyph.id),
        glyph.advance / size,
        glyph.x / size,
        glyph.y / size,
        0.0,
        range,
        None,
    )
}
