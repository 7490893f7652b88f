// What the drivers of all peers share. A driver is started twice, as `worker` and as `producer`. Commands come as lines of
// JSON on standard input, each is answered by a line of JSON on standard output; when the input ends, so does the process.
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds of the machine's monotonic clock, which all its processes share. */
export const clock = () => Number(process.hrtime.bigint()) / 1e6;

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Counts what a worker begins and ends. */
class Tally {
  ended = 0;
  wanted = Infinity;
  waits = [];
  #reached = () => {};
  all = Promise.resolve();

  /** To be called in an activity's first line. */
  begin(job) {
    if (job?.sent) this.waits.push(clock() - job.sent);
  }

  /** To be called when the peer says that a job is over. */
  end() {
    this.ended += 1;
    if (this.ended >= this.wanted) this.#reached();
  }

  expect(runs) {
    this.wanted = this.ended + runs;
    this.waits = [];
    this.all = new Promise((reached) => { this.#reached = reached; });
  }
}

const workerCommands = (tally, peer) => ({
  expect: ({ runs }) => { tally.expect(runs); return {}; },
  // Over when as many ended as were expected and the peer's store holds nothing more.
  ended: async () => {
    await tally.all;
    while (await peer.left() > 0) await pause(5);
    return { at: clock(), waits: tally.waits };
  },
});

/** Runs `send` from this many clients until all are sent. */
async function clients(count, runs, send) {
  let next = 0;
  const one = async () => { while (next < runs) { next += 1; await send(); } };
  await Promise.all(Array.from({ length: count }, one));
}

const timed = async (work) => {
  const began = clock();
  await work();
  return { began, sent: clock() };
};

const producerCommands = (peer) => ({
  batch: ({ runs, size, steps }) => timed(() =>
    clients(4, Math.ceil(runs / size), () => peer.many(Array.from({ length: size }, () => ({})), steps))),
  single: ({ runs, clients: count, steps }) => timed(() => clients(count, runs, () => peer.one({}, steps))),
  // Each at its time, whether or not the one before has been answered.
  paced: ({ rate, seconds }) => timed(async () => {
    const begin = clock();
    const sends = Array.from({ length: rate * seconds }, async (_, n) => {
      await pause(Math.max(0, begin + (1000 * n) / rate - clock()));
      await peer.one({ sent: clock() }, 0);
    });
    await Promise.all(sends);
  }),
});

/** Serves commands until the input ends. `worker(tally)` and `producer()` open the peer. */
export async function serve({ worker, producer }) {
  let commands;
  if (process.argv[2] === 'worker') {
    const tally = new Tally();
    commands = workerCommands(tally, await worker(tally));
  } else {
    commands = producerCommands(await producer());
  }
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...args } = JSON.parse(line);
    answer(await commands[name](args));
  }
  process.exit(0);
}
