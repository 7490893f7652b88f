//! A mail as text (RFC 5322, MIME), for SMTP and the folder. The same mail gives the same bytes at every try.

use std::time::{Duration, SystemTime};

use lettre::{
    Message as Built,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::message::{File, Message};

/// Envelope and text; the error says why it cannot be written.
pub(crate) fn build(message: &Message) -> Result<Built, String> {
    let mut builder = Built::builder()
        .from(message.from.clone())
        .to(Mailbox::new(None, message.to.clone()))
        .subject(message.subject.clone())
        .date(date(message.written_at.0))
        .message_id(Some(message.message_id()));
    for (name, value) in &message.headers {
        let name = HeaderName::new_from_ascii_str(name);
        builder = builder.raw_header(HeaderValue::new(name, value.clone()));
    }
    let parts = parts(message)?;
    builder
        .multipart(parts)
        .map_err(|error| format!("it cannot be written: {error}"))
}

fn date(microseconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
}

/// The boundaries follow from the mail's id, which no text can hold by accident.
fn parts(message: &Message) -> Result<MultiPart, String> {
    let id = message.id;
    let both = MultiPart::alternative()
        .boundary(format!("=_{id}_texts"))
        .singlepart(SinglePart::plain(message.text.clone()))
        .singlepart(SinglePart::html(message.html.clone()));
    if message.files.is_empty() {
        return Ok(both);
    }
    let mixed = MultiPart::mixed()
        .boundary(format!("=_{id}_files"))
        .multipart(both);
    message
        .files
        .iter()
        .try_fold(mixed, |mixed, file| Ok(mixed.singlepart(attached(file)?)))
}

fn attached(file: &File) -> Result<SinglePart, String> {
    let media = ContentType::parse(&file.media_type);
    let media = media.map_err(|_| format!("the media type of {} cannot be read", file.name))?;
    Ok(Attachment::new(file.name.clone()).body(file.content.to_vec(), media))
}

#[cfg(test)]
mod tests;
