// BullMQ on Redis. With BENCH_ROWS each job has a row in Postgres too, which the producer inserts before it adds the job
// and the worker completes, so that a run can be read afterwards. Three steps are its documented pattern of a job that
// saves its state after each: the state is kept, a journal is not.
import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { serve } from './common.mjs';

const { hostname, port } = new URL(process.env.BENCH_REDIS);
const connection = { host: hostname, port: Number(port) };
const rows = process.env.BENCH_ROWS
  ? new pg.Pool({ connectionString: process.env.BENCH_POSTGRES, max: 20 })
  : null;

const INSERT = 'INSERT INTO bench_jobs (state) SELECT 0 FROM generate_series(1, $1) RETURNING id';
const COMPLETE = 'UPDATE bench_jobs SET state = 1, output = $2, ended_at = now() WHERE id = $1';

async function prepare() {
  await rows?.query(`CREATE TABLE IF NOT EXISTS bench_jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state smallint NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz, output jsonb)`);
}

async function withRows(jobs) {
  if (!rows) return jobs;
  const made = await rows.query(INSERT, [jobs.length]);
  return jobs.map((job, n) => ({ ...job, row: made.rows[n].id }));
}

async function perform(job) {
  for (let step = 1; step <= job.data.steps; step += 1) await job.updateData({ ...job.data, step });
  if (rows) await rows.query(COMPLETE, [job.data.row, '{}']);
}

const open = () => new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } });

await serve({
  worker: async (tally) => {
    await prepare();
    const queue = open();
    const worker = new Worker('bench', (job) => { tally.begin(job.data); return perform(job); },
      { connection, concurrency: 50 });
    worker.on('completed', () => tally.end());
    worker.on('error', (error) => console.error(error));
    await worker.waitUntilReady();
    return {
      left: async () => {
        const counts = await queue.getJobCounts('wait', 'active');
        return counts.wait + counts.active;
      },
    };
  },
  producer: async () => {
    await prepare();
    const queue = open();
    await queue.waitUntilReady();
    const many = async (jobs, steps) => {
      const data = await withRows(jobs.map((job) => ({ ...job, steps })));
      return data.length === 1
        ? queue.add('job', data[0])
        : queue.addBulk(data.map((job) => ({ name: 'job', data: job })));
    };
    return { many, one: (job, steps) => many([job], steps) };
  },
});
