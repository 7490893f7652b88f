//! A mail that an operator sends to see whether mails arrive.

use crate::letter::letter;

/// Asks for nothing and tells only where it comes from.
#[derive(Clone, Debug)]
pub struct Test {
    /// Name of the installation, as its operator knows it: the public URL, or the machine's.
    pub installation: String,
}

letter!(Test, "test", "test.txt", "test.html", |letter| format!(
    "Test mail of {}",
    letter.installation
));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Letter;

    #[test]
    fn both_texts_say_where_it_comes_from_and_html_is_escaped() {
        let letter = Test {
            installation: "a <b> & c".to_owned(),
        };
        assert_eq!(letter.subject(), "Test mail of a <b> & c");
        assert!(letter.text().contains("installation a <b> & c."));
        let html = letter.html();
        assert!(
            html.contains("a &#60;b&#62; &#38; c") && !html.contains("<b>"),
            "{html}"
        );
        assert!(html.contains("<html lang=\"en\">"), "{html}");
    }
}
