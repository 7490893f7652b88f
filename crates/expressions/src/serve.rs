//! The helper process: reads requests, answers them, within limits it sets on itself.

use std::{
    fs,
    io::{self, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    panic,
    process::ExitCode,
    time::Duration,
};

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::set_no_new_privs,
    time::{ClockId, clock_gettime},
};

use crate::{
    frame::{self, Limits, MAX_FRAME, Request},
    interpret::Interpreter,
    stack::with_deep_stack,
};

/// A helper with nothing to do ends after this. The parent gives it up a little earlier.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// The loop of a helper: standard input and output are one socket to the parent, which sends frames.
/// Ends with success when the parent closes it or is silent for 30 s.
pub fn helper_main() -> ExitCode {
    // The parent reads standard error to learn of what the process died; a panic is not the interesting part.
    panic::set_hook(Box::new(|_| {}));
    let served = set_no_new_privs(true).is_ok() && matches!(with_deep_stack(serve), Ok(Ok(())));
    if served {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn serve() -> io::Result<()> {
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.set_read_timeout(Some(IDLE))?;
    let Some(limits) = read_frame(&mut socket)? else {
        return Ok(());
    };
    let limits = Limits::decode(&limits).ok_or(io::ErrorKind::InvalidData)?;
    confine(limits)?;
    let mut interpreter = Interpreter::new(usize::try_from(limits.output_bytes).unwrap_or(usize::MAX));
    write_reply(&mut socket, &Ok(Vec::new()))?;
    while let Some(frame) = read_frame(&mut socket)? {
        let request = Request::decode(&frame).ok_or(io::ErrorKind::InvalidData)?;
        limit_cpu(limits)?;
        write_reply(&mut socket, &interpreter.answer(&request))?;
    }
    Ok(())
}

/// Gives up what an expression has no use for, for good.
fn confine(limits: Limits) -> io::Result<()> {
    limit(Resource::As, address_space()?.saturating_add(limits.memory))?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    // Standard streams and the socket are open; nothing else will be.
    limit(Resource::Nofile, 4)
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(value),
            maximum: Some(value),
        },
    )?)
}

/// Bytes of address space now: code, the deep stack, what the allocator keeps in reserve.
fn address_space() -> io::Result<u64> {
    let pages = fs::read_to_string("/proc/self/statm")?;
    let pages = pages
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or(io::ErrorKind::InvalidData)?;
    Ok(pages.saturating_mul(rustix::param::page_size() as u64))
}

/// A process whose parent died in the middle of an endless expression ends by itself.
fn limit_cpu(limits: Limits) -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec.unsigned_abs();
    let maximum = getrlimit(Resource::Cpu).maximum;
    let current = used.saturating_add(limits.seconds);
    let current = maximum.map_or(current, |maximum| current.min(maximum));
    Ok(setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(current),
            maximum,
        },
    )?)
}

/// The next frame; none when the parent has closed the socket or been silent for too long.
fn read_frame(socket: &mut UnixStream) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match socket.read_exact(&mut length) {
        Ok(()) => {}
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::WouldBlock
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length];
    socket.read_exact(&mut frame)?;
    Ok(Some(frame))
}

fn write_reply(socket: &mut UnixStream, reply: &Result<Vec<u8>, String>) -> io::Result<()> {
    let (ok, body) = match reply {
        Ok(text) => (1, text.as_slice()),
        Err(sentence) => (0, sentence.as_bytes()),
    };
    let mut bytes = Vec::with_capacity(body.len() + 5);
    bytes.extend(frame::length(body.len() + 1));
    bytes.push(ok);
    bytes.extend_from_slice(body);
    socket.write_all(&bytes)
}
