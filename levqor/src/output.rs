//! What commands print. The reader may leave early (`levqor doctor | head -1`): then the rest is dropped, and the command goes on to
//! its own end and exit code. The macros of the standard library, which these stand for in all of this program, would panic.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

/// To standard output.
macro_rules! print {
    ($($arguments:tt)*) => {
        $crate::output::write(&mut ::std::io::stdout().lock(), ::std::format_args!($($arguments)*))
    };
}

/// To standard output, with the end of the line.
macro_rules! println {
    () => {
        print!("\n")
    };
    ($($arguments:tt)*) => {
        print!("{}\n", ::std::format_args!($($arguments)*))
    };
}

/// Writes, unless nobody reads.
///
/// # Panics
/// It cannot be written for another reason, such as a full disk: what was printed is not complete, and nobody may think so.
pub(crate) fn write(to: &mut impl Write, text: fmt::Arguments<'_>) {
    if let Err(error) = to.write_fmt(text)
        && !is_gone(&error)
    {
        panic!("standard output cannot be written: {error}");
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Refusing(ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_reads_is_dropped() {
        write(&mut Refusing(ErrorKind::BrokenPipe), format_args!("{}\n", 7));
    }

    #[test]
    #[should_panic(expected = "standard output cannot be written")]
    fn what_does_not_fit_on_the_disk_is_not_lost_in_silence() {
        write(&mut Refusing(ErrorKind::StorageFull), format_args!("{}\n", 7));
    }
}
