// Graphile Worker on Postgres. Its jobs are deleted when they are done: there is no journal and nothing to read afterwards,
// and there are no steps. BENCH_LATENCY leaves its batching of fetches and completions out, which costs latency.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { serve } from './common.mjs';

const connectionString = process.env.BENCH_POSTGRES;
const logger = new Logger(() => () => {});
const batching = process.env.BENCH_LATENCY ? {} : {
  localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

await serve({
  worker: async (tally) => {
    const pool = new pg.Pool({ connectionString, max: 1 });
    const runner = await run({
      preset: { worker: { connectionString, concurrentJobs: 50, maxPoolSize: 20, logger, ...batching } },
      logger,
      noHandleSignals: true,
      taskList: { job: async (job) => tally.begin(job) },
    });
    runner.events.on('job:complete', () => tally.end());
    return {
      left: async () => {
        const found = await pool.query('SELECT count(*)::int AS jobs FROM graphile_worker._private_jobs');
        return found.rows[0].jobs;
      },
    };
  },
  producer: async () => {
    const utils = await makeWorkerUtils({ preset: { worker: { connectionString, maxPoolSize: 32, logger } }, logger });
    await utils.migrate();
    return {
      many: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier: 'job', payload }))),
      one: (job) => utils.addJob('job', job),
    };
  },
});
