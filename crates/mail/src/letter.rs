//! What a mail says.

use askama::Template;

/// What a mail says: a struct with the data, two templates beside each other in `templates/` for its texts. See
/// `letters/test.rs` for the pattern.
pub trait Letter {
    /// Name of its templates, without ending; stored with the mail.
    const TEMPLATE: &'static str;

    /// One line, at most 255 bytes.
    fn subject(&self) -> String;

    /// Plain text.
    fn text(&self) -> String;

    /// The same as HTML.
    fn html(&self) -> String;
}

/// The text of a template. Templates over plain data cannot fail; if one does, the mail is empty, which
/// [`crate::enqueue`] refuses.
pub(crate) fn render(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a letter cannot be written");
        String::new()
    })
}

/// Implements [`Letter`] for a struct: `letter!(Test, "test", "test.txt", "test.html", |letter| "Subject".to_owned())`.
/// The templates see the struct as `letter`.
macro_rules! letter {
    ($letter:ident, $name:literal, $text:tt, $html:tt, $subject:expr) => {
        impl $crate::Letter for $letter {
            const TEMPLATE: &'static str = $name;

            fn subject(&self) -> String {
                let subject: fn(&Self) -> String = $subject;
                subject(self)
            }

            fn text(&self) -> String {
                #[derive(askama::Template)]
                #[template(path = $text)]
                struct Text<'a> {
                    letter: &'a $letter,
                }
                $crate::letter::render(&Text { letter: self })
            }

            fn html(&self) -> String {
                #[derive(askama::Template)]
                #[template(path = $html)]
                struct Html<'a> {
                    letter: &'a $letter,
                }
                $crate::letter::render(&Html { letter: self })
            }
        }
    };
}
pub(crate) use letter;
