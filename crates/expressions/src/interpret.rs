//! Evaluation by jaq, in the helper process.

use std::{collections::HashMap, fmt, fmt::Write as _};

use jaq_core::{Ctx, Vars, data::JustLut};
use jaq_json::Val;

use crate::{
    frame::Request,
    library::{self, Filter, Library},
    render::render,
};

/// Programs kept compiled; all are forgotten when there are more.
const MAX_PROGRAMS: usize = 512;
/// Longest message of an error that an expression raises, in bytes.
const MAX_MESSAGE: usize = 500;

/// Compiled programs and the values last sent.
pub(crate) struct Interpreter {
    library: Library,
    programs: HashMap<String, Filter>,
    slots: HashMap<String, Val>,
    output_bytes: usize,
}

impl Interpreter {
    pub(crate) fn new(output_bytes: usize) -> Self {
        Self {
            library: Library::new(),
            programs: HashMap::new(),
            slots: HashMap::new(),
            output_bytes,
        }
    }

    /// JSON text, or a sentence that says what is wrong.
    pub(crate) fn answer(&mut self, request: &Request<'_>) -> Result<Vec<u8>, String> {
        let mut values = self.take_slots(request)?.into_iter();
        let input = values.next().unwrap_or_default();
        self.compile(request)?;
        let filter = self
            .programs
            .get(request.source)
            .ok_or("the expression was not kept")?;
        let value = single(filter, input, values)?;
        render(&value, self.output_bytes)
    }

    fn take_slots(&mut self, request: &Request<'_>) -> Result<Vec<Val>, String> {
        if request.reset {
            self.slots.clear();
        }
        for slot in &request.slots {
            if let Some(content) = slot.content {
                let value = jaq_json::read::parse_single(content).map_err(|error| error.to_string())?;
                self.slots.insert(slot.name.to_owned(), value);
            }
        }
        let value = |name| {
            self.slots
                .get(name)
                .cloned()
                .ok_or_else(|| format!("`${name}` was not sent"))
        };
        request.slots.iter().map(|slot| value(slot.name)).collect()
    }

    fn compile(&mut self, request: &Request<'_>) -> Result<(), String> {
        if self.programs.contains_key(request.source) {
            return Ok(());
        }
        if self.programs.len() >= MAX_PROGRAMS {
            self.programs.clear();
        }
        let variables: Vec<_> = request
            .slots
            .iter()
            .skip(1)
            .map(|slot| format!("${}", slot.name))
            .collect();
        let filter = library::compile(&self.library, request.source, &variables)
            .ok_or("the expression does not compile")?;
        self.programs.insert(request.source.to_owned(), filter);
        Ok(())
    }
}

fn single(filter: &Filter, input: Val, variables: impl Iterator<Item = Val>) -> Result<Val, String> {
    let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new(variables));
    let mut outputs = filter.id.run((context, input));
    let value = match outputs.next() {
        None => return Ok(Val::Null),
        Some(Ok(value)) => value,
        Some(Err(exception)) => return Err(sentence(exception)),
    };
    match outputs.next() {
        None => Ok(value),
        Some(_) => Err("the expression has more than one output; put them into an array: [ … ]".to_owned()),
    }
}

fn sentence(exception: jaq_core::Exn<'_, Val>) -> String {
    match exception.get_err() {
        // Never the whole value of an error: it can be as large as a result.
        Ok(error) => {
            let mut message = Capped(String::new());
            // Stops at the cap with an error of its own, which is what is wanted.
            let cut = write!(message, "{error}").is_err();
            if cut { message.0 + " …" } else { message.0 }
        }
        Err(_) => "the expression ends with a break that nothing catches".to_owned(),
    }
}

struct Capped(String);

impl fmt::Write for Capped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_MESSAGE - self.0.len();
        let end = text.floor_char_boundary(room);
        self.0.push_str(text.get(..end).unwrap_or_default());
        if end < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Slot;

    fn answer(source: &str, input: &str) -> Result<String, String> {
        let slots = vec![Slot {
            name: "",
            content: Some(input.as_bytes()),
        }];
        let answer = Interpreter::new(1000).answer(&Request {
            reset: false,
            source,
            slots,
        });
        answer.map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn no_output_is_null_and_several_are_an_error() {
        assert_eq!(answer("empty", "1"), Ok("null".to_owned()));
        assert!(answer("1, 2", "1").unwrap_err().contains("more than one output"));
    }

    #[test]
    fn a_slot_is_kept_until_it_is_sent_again_or_reset() {
        let mut interpreter = Interpreter::new(1000);
        let mut ask = |reset, content| {
            let slots = vec![
                Slot {
                    name: "",
                    content: Some(b"1".as_slice()),
                },
                Slot { name: "a", content },
            ];
            interpreter.answer(&Request {
                reset,
                source: ". + $a",
                slots,
            })
        };
        assert_eq!(ask(false, Some(b"2".as_slice())), Ok(b"3".to_vec()));
        assert_eq!(ask(false, None), Ok(b"3".to_vec()));
        assert_eq!(ask(false, Some(b"5")), Ok(b"6".to_vec()));
        assert!(ask(true, None).is_err());
    }

    #[test]
    fn an_error_message_is_cut() {
        let message = answer("error([range(1000)] | tojson)", "1").unwrap_err();
        assert!(
            message.len() < MAX_MESSAGE + 10 && message.ends_with('…'),
            "{message}"
        );
        let shared = "reduce range(60) as $i (1; [., .]) | error";
        assert!(answer(shared, "1").unwrap_err().ends_with('…'));
    }

    #[test]
    fn the_prelude_fills_gaps_of_the_dialect() {
        let rows = [
            ("ltrimstr(\"a\")", "1", "1"),
            ("ltrimstr(\"a\")", "\"ab\"", "\"b\""),
            ("rtrimstr(\"b\")", "\"ab\"", "\"a\""),
            ("rtrimstr(\"\")", "\"ab\"", "\"ab\""),
            ("INDEX(.id)", "[{\"id\":1}]", "{\"1\":{\"id\":1}}"),
            ("IN(1, 2)", "2", "true"),
            ("toarray", "1", "[1]"),
        ];
        for (source, input, expected) in rows {
            assert_eq!(answer(source, input), Ok(expected.to_owned()), "{source}");
        }
    }
}
