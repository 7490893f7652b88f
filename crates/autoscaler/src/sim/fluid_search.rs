//! A search for a cheap schedule in the fluid model.

use super::fluid::Fluid;
use crate::{fluid::Queue, trace::Trace};

/// Ticks of the largest block: an hour.
const LARGEST: usize = 256;
/// Rounds of the search.
const ROUNDS: usize = 6;

/// A search in the fluid: blocks of the schedule, from an hour down to one tick, go up or down as long as that makes it
/// cheaper.
pub(super) struct FluidSearch<'a> {
    fluid: &'a Fluid,
    bounds: (u32, u32),
    share: f64,
    schedule: Vec<u32>,
    /// Queue before each tick, and after the last.
    queues: Vec<Queue>,
    costs: Vec<f64>,
}

impl<'a> FluidSearch<'a> {
    pub(super) fn new(trace: &Trace, fluid: &'a Fluid, share: f64) -> Self {
        let mut search = Self {
            bounds: (trace.fleet.min, trace.fleet.max),
            share,
            schedule: vec![trace.fleet.initial; fluid.len()],
            queues: vec![fluid.empty(); fluid.len() + 1],
            costs: vec![0.0; fluid.len()],
            fluid,
        };
        search.play_all();
        search
    }

    pub(super) fn run(mut self) -> Vec<u32> {
        for _ in 0..ROUNDS {
            if !self.round() {
                break;
            }
        }
        self.schedule
    }

    /// All blocks of all sizes once; whether anything became cheaper.
    fn round(&mut self) -> bool {
        let mut better = false;
        let mut block = LARGEST;
        while block > 0 {
            for start in (0..self.schedule.len()).step_by(block.div_ceil(2)) {
                let end = (start + block).min(self.schedule.len());
                for offset in [-8, -2, -1, 1, 2, 8] {
                    while self.try_block(start, end, offset) {
                        better = true;
                    }
                }
            }
            block /= 2;
        }
        better
    }

    /// Moves a block when that makes the schedule cheaper.
    fn try_block(&mut self, start: usize, end: usize, offset: i32) -> bool {
        let before: Vec<u32> = self.schedule[start..end].to_vec();
        for workers in &mut self.schedule[start..end] {
            *workers = workers
                .saturating_add_signed(offset)
                .clamp(self.bounds.0, self.bounds.1);
        }
        if before == self.schedule[start..end] {
            return false;
        }
        let (saved, queues, costs) = self.replay(start, end);
        if saved <= 1.0 {
            self.schedule[start..end].copy_from_slice(&before);
            return false;
        }
        self.queues[start + 1..=start + queues.len()].clone_from_slice(&queues);
        self.costs[start..start + costs.len()].copy_from_slice(&costs);
        true
    }

    /// Plays from `start` until the queue is again as it was without the change; what that saves, and the new course.
    fn replay(&self, start: usize, end: usize) -> (f64, Vec<Queue>, Vec<f64>) {
        let mut queue = self.queues[start].clone();
        let (mut queues, mut costs) = (Vec::new(), Vec::new());
        let mut saved = 0.0;
        for tick in start..self.schedule.len() {
            let cost = self.fluid.play(tick, &self.schedule, self.share, &mut queue);
            saved += self.costs[tick] - cost;
            queues.push(queue.clone());
            costs.push(cost);
            if tick >= end + self.fluid.lead() && queue.is_near(&self.queues[tick + 1]) {
                return (saved, queues, costs);
            }
        }
        let last = &self.queues[self.schedule.len()];
        saved += self.fluid.left_over(last) - self.fluid.left_over(&queue);
        (saved, queues, costs)
    }

    fn play_all(&mut self) {
        let mut queue = self.fluid.empty();
        for tick in 0..self.schedule.len() {
            self.costs[tick] = self.fluid.play(tick, &self.schedule, self.share, &mut queue);
            self.queues[tick + 1] = queue.clone();
        }
    }
}
