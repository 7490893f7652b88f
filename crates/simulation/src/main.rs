//! Plays seeds and tells what happened:
//! `cargo run -p levqor-simulation -- --seed N [--count N] [--bug NAME] [--trace]`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use levqor_simulation::{Bug, Documents, Player};

const USAGE: &str = "usage: levqor-simulation --seed N [--count N] [--bug NAME] [--trace]";

struct Options {
    seed: u64,
    count: u64,
    bug: Option<Bug>,
    trace: bool,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        seed: 0,
        count: 1,
        bug: None,
        trace: false,
    };
    let mut seeded = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE.to_owned());
        let number = |text: String| text.parse().map_err(|_| format!("{text:?} is no number"));
        match argument.as_str() {
            "--seed" => {
                options.seed = number(value()?)?;
                seeded = true;
            }
            "--count" => options.count = number(value()?)?,
            "--bug" => {
                let name = value()?;
                let known = Bug::ALL.map(|bug| bug.to_string()).join(", ");
                options.bug =
                    Some(Bug::named(&name).ok_or(format!("no bug is named {name:?}; there are {known}"))?);
            }
            "--trace" => options.trace = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    if seeded {
        Ok(options)
    } else {
        Err(USAGE.to_owned())
    }
}

/// Whether no rule was broken.
fn play(options: &Options, out: &mut impl Write) -> Result<bool, Box<dyn std::error::Error>> {
    let documents = Documents::parse()?;
    let player = Player::new(&documents);
    let mut holds = true;
    for seed in (options.seed..).take(usize::try_from(options.count)?) {
        let outcome = player.play(seed, options.bug, options.trace);
        for line in &outcome.lines {
            writeln!(out, "{line}")?;
        }
        for violation in &outcome.violations {
            writeln!(out, "seed {seed}: {violation}")?;
        }
        if options.count == 1 || !outcome.violations.is_empty() {
            let broken = outcome.violations.len();
            writeln!(
                out,
                "seed {seed}: history {:016x}, {broken} rules broken",
                outcome.digest
            )?;
        }
        holds &= outcome.violations.is_empty();
    }
    Ok(holds)
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let played = match options(std::env::args().skip(1)) {
        Ok(options) => play(&options, &mut out),
        Err(message) => Err(message.into()),
    };
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to do when the error cannot be printed either.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}
