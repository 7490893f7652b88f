//! From pages to the file.

mod tags;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
};
use tags::Tags;

use crate::{
    Block, PdfError, Report,
    layout::{HEIGHT, INK, Item, Page, Rgb, Role, WIDTH},
    typeset::{Paragraph, Typesetter},
};

/// Writes the pages.
pub(crate) fn write(report: &Report, pages: &[Page], typesetter: &Typesetter) -> Result<Vec<u8>, PdfError> {
    let invalid = |error: &dyn std::fmt::Debug| PdfError::Invalid(format!("{error:?}"));
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| invalid(&error))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(report));
    let mut tags = Tags::default();
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT);
        let settings = settings.ok_or_else(|| PdfError::Invalid("the page has no size".to_owned()))?;
        let mut written = document.start_page_with(settings);
        let mut surface = written.surface();
        for item in &page.items {
            draw(item, &mut surface, typesetter, &mut tags);
        }
        surface.finish();
        written.finish();
    }
    document.set_outline(outline(report, pages));
    document.set_tag_tree(tags.tree(report));
    document.finish().map_err(|error| invalid(&error))
}

/// Bookmarks of the headings, which PDF/UA-1 wants.
fn outline(report: &Report, pages: &[Page]) -> Outline {
    let mut outline = Outline::new();
    let mut titles = report.blocks.iter().filter_map(|block| match block {
        Block::Heading(text) => Some(text.clone()),
        _ => None,
    });
    for (index, page) in pages.iter().enumerate() {
        for item in &page.items {
            if let Item::Text { role, y, lines, .. } = item
                && (*role == Role::Title || *role == Role::Heading)
                && lines.start == 0
            {
                let title = if *role == Role::Title {
                    Some(report.title.clone())
                } else {
                    titles.next()
                };
                let place = XyzDestination::new(index, Point::from_xy(0.0, *y));
                outline.push_child(OutlineNode::new(title.unwrap_or_default(), place));
            }
        }
    }
    outline
}

fn metadata(report: &Report) -> Metadata {
    let at = report.created;
    let created = DateTime::new(at.year)
        .month(at.month)
        .day(at.day)
        .hour(at.hour)
        .minute(at.minute)
        .second(at.second)
        .utc_offset_hour(0);
    Metadata::new()
        .title(report.title.clone())
        .language(report.language.clone())
        .creator("Levqor".to_owned())
        .document_id(format!("{} {at:?}", report.title))
        .creation_date(created)
}

fn draw(item: &Item, surface: &mut Surface<'_>, typesetter: &Typesetter, tags: &mut Tags) {
    match item {
        Item::Text {
            paragraph,
            lines,
            x,
            y,
            role,
        } => {
            surface.set_fill(Some(fill(INK)));
            tags.note(*role, paragraph);
            let mut top = *y;
            for line in &paragraph.lines[lines.clone()] {
                let id = surface.start_tagged(tags::content(*role));
                let start = Point::from_xy(x + line.x, top + line.baseline);
                write_line(surface, paragraph, &line.glyphs, start, typesetter);
                surface.end_tagged();
                tags.add(*role, id);
                top += line.height;
            }
        }
        Item::Box {
            x,
            y,
            width,
            height,
            color,
            figure,
        } => {
            let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) else {
                return;
            };
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            let Some(path) = path.finish() else { return };
            surface.set_fill(Some(fill(*color)));
            let id = surface.start_tagged(tags::shape(*figure));
            surface.draw_path(&path);
            surface.end_tagged();
            tags.add_shape(*figure, id);
        }
    }
}

fn write_line(
    surface: &mut Surface<'_>,
    paragraph: &Paragraph,
    glyphs: &[krilla::text::KrillaGlyph],
    start: Point,
    typesetter: &Typesetter,
) {
    let style = paragraph.style;
    surface.draw_glyphs(
        start,
        glyphs,
        typesetter.font(style),
        &paragraph.text,
        style.size,
        false,
    );
}

fn fill((red, green, blue): Rgb) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::default(),
    }
}
