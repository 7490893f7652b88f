// DBOS Transact on Postgres: workflows enqueued by a client, run by another process, steps recorded. It has no call that
// enqueues many: a batch is one transaction of single ones.
import sdk from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { serve } from './common.mjs';

const { DBOS, DBOSClient } = sdk;
const systemDatabaseUrl = process.env.BENCH_POSTGRES;
const pool = new pg.Pool({ connectionString: systemDatabaseUrl, max: 4 });
let tally;

async function step() {
  return 1;
}

const job = DBOS.registerWorkflow(async (data) => {
  tally.begin(data);
  for (let n = 0; n < data.steps; n += 1) await DBOS.runStep(step, { name: `step${n}` });
  tally.end();
}, { name: 'job' });

await serve({
  worker: async (given) => {
    tally = given;
    DBOS.setConfig({
      name: 'bench', systemDatabaseUrl, systemDatabasePoolSize: 20, runAdminServer: false, logLevel: 'error',
      applicationVersion: 'bench', executorID: 'worker',
    });
    await DBOS.launch();
    await DBOS.registerQueue('bench', { workerConcurrency: 100, minPollingIntervalMs: 10, onConflict: 'always_update' });
    const open = `SELECT count(*)::int AS jobs FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED')`;
    return { left: async () => (await pool.query(open)).rows[0].jobs, job };
  },
  producer: async () => {
    const client = await DBOSClient.create({ systemDatabaseUrl, systemDatabasePoolSize: 32 });
    const where = { queueName: 'bench', workflowName: 'job', appVersion: 'bench' };
    return {
      one: (data, steps) => client.enqueue(where, { ...data, steps }),
      many: async (jobs, steps) => {
        const session = await pool.connect();
        await session.query('BEGIN');
        for (const data of jobs) await client.enqueueInTransaction(session, where, { ...data, steps });
        await session.query('COMMIT');
        session.release();
      },
    };
  },
});
