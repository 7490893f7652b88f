//! A search for a cheaper schedule on the trace itself.

use super::{Effort, cost::Meter, play::is_over, world::World};
use crate::trace::{Arrival, Trace};

/// Ticks of blocks that are tried.
const QUICK: [usize; 2] = [40, 10];
const THOROUGH: [usize; 8] = [120, 60, 30, 16, 8, 4, 2, 1];
/// Rounds of a thorough search.
const ROUNDS: usize = 12;

/// A schedule as it was played, with the fleet before each tick, so that a change is played from where it begins to where
/// it makes no difference any more.
pub(super) struct PlayedSearch<'a> {
    trace: &'a Trace,
    schedule: Vec<u32>,
    worlds: Vec<World<'a>>,
    meters: Vec<Meter>,
}

impl<'a> PlayedSearch<'a> {
    pub(super) fn new(trace: &'a Trace, arrivals: &'a [Arrival], schedule: &[u32]) -> Self {
        let mut world = World::new(trace, arrivals);
        let mut search = Self {
            trace,
            schedule: Vec::new(),
            worlds: vec![world.clone()],
            meters: Vec::new(),
        };
        let last = schedule.last().copied().unwrap_or(trace.fleet.min);
        while !is_over(trace, &world) {
            let wanted = schedule.get(search.meters.len()).copied().unwrap_or(last);
            search.meters.push(world.step(wanted).0.meter);
            search.schedule.push(wanted);
            search.worlds.push(world.clone());
        }
        search
    }

    pub(super) fn run(mut self, effort: Effort) -> Vec<u32> {
        match effort {
            Effort::Quick => {
                self.round(&QUICK);
            }
            Effort::Thorough => {
                let mut left = ROUNDS;
                while left > 0 && self.round(&THOROUGH) {
                    left -= 1;
                }
            }
        }
        self.schedule
    }

    /// All blocks once; whether anything became cheaper.
    fn round(&mut self, blocks: &[usize]) -> bool {
        let mut better = false;
        for block in blocks {
            let mut start = 0;
            while start < self.schedule.len() {
                for offset in [-1, 1] {
                    while self.try_block(start, start + block, offset) {
                        better = true;
                    }
                }
                start += block.div_ceil(2);
            }
        }
        better
    }

    /// Moves a block when that makes the schedule cheaper.
    fn try_block(&mut self, start: usize, end: usize, offset: i32) -> bool {
        let bounds = &self.trace.fleet;
        let end = end.min(self.schedule.len());
        if start >= end {
            return false;
        }
        let mut schedule = self.schedule.clone();
        for workers in &mut schedule[start..end] {
            *workers = workers
                .saturating_add_signed(offset)
                .clamp(bounds.min, bounds.max);
        }
        if schedule == self.schedule {
            return false;
        }
        let Some(course) = self.replay(&schedule, start, end) else {
            return false;
        };
        self.schedule = schedule;
        self.adopt(start, course);
        true
    }

    /// Plays a schedule from `start` on; its course when it is cheaper.
    fn replay(&self, schedule: &[u32], start: usize, end: usize) -> Option<Course<'a>> {
        let mut world = self.worlds[start].clone();
        let mut course = Course::default();
        let mut saved = 0;
        let mut tick = start;
        while !is_over(self.trace, &world) {
            let last = schedule.last().copied().unwrap_or_default();
            let meter = world.step(schedule.get(tick).copied().unwrap_or(last)).0.meter;
            saved += self.meters.get(tick).map_or(0, Meter::exact) - meter.exact();
            course.worlds.push(world.clone());
            course.meters.push(meter);
            tick += 1;
            if tick > end
                && self
                    .worlds
                    .get(tick)
                    .is_some_and(|before| world.goes_on_as(before))
            {
                return (saved > 0).then_some(course);
            }
        }
        // It may end at another tick than before.
        course.ended = true;
        saved += self.meters.iter().skip(tick).map(Meter::exact).sum::<i128>();
        (saved > 0).then_some(course)
    }

    fn adopt(&mut self, start: usize, course: Course<'a>) {
        let length = course.meters.len();
        if course.ended {
            let last = self.schedule.last().copied().unwrap_or_default();
            self.schedule.resize(start + length, last);
            self.meters.truncate(start);
            self.meters.extend(course.meters);
            self.worlds.truncate(start + 1);
            self.worlds.extend(course.worlds);
            return;
        }
        self.meters.splice(start..start + length, course.meters);
        self.worlds.splice(start + 1..=start + length, course.worlds);
    }
}

/// How a change went.
#[derive(Default)]
struct Course<'a> {
    worlds: Vec<World<'a>>,
    meters: Vec<Meter>,
    /// Until the end of the play, rather than until it made no difference.
    ended: bool,
}
