// Restate: its server, a service in the worker's process, one-way calls over HTTP. It has no call for many: a batch is one
// invocation that sends them. One partition is its best on two cores. The server is a child of the worker.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import * as restate from '@restatedev/restate-sdk';
import { Pool } from 'undici';
import { serve } from './common.mjs';

const base = Number(process.env.BENCH_PORT);
const [ingress, admin, node, service] = [base, base + 1, base + 2, base + 3];
let tally;

const bench = restate.service({
  name: 'bench',
  handlers: {
    job: async (context, data) => {
      tally.begin(data);
      for (let n = 0; n < data.steps; n += 1) await context.run(`step${n}`, async () => 1);
      tally.end();
    },
    many: async (context, { jobs, steps }) => {
      const calls = context.serviceSendClient({ name: 'bench' });
      for (const data of jobs) calls.job({ ...data, steps });
    },
  },
});

async function post(pool, path, body) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const reply = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const text = await reply.body.text();
  if (reply.statusCode >= 300) throw new Error(`${path}: ${reply.statusCode} ${text}`);
  return text;
}

function startServer() {
  const binary = `${import.meta.dirname}/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server`;
  const server = spawn(binary, ['--base-dir', './restate-data', '--bind-ip', '127.0.0.1', '--no-logo'], {
    stdio: 'ignore',
    env: {
      ...process.env, RESTATE_LISTEN_MODE: 'tcp', RESTATE_DISABLE_TELEMETRY: 'true', RESTATE_DEFAULT_NUM_PARTITIONS: '1',
      RESTATE_INGRESS__BIND_PORT: String(ingress), RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_BIND_PORT: String(node),
    },
  });
  process.on('exit', () => server.kill('SIGKILL'));
}

async function untilHealthy() {
  for (let tries = 0; tries < 300; tries += 1) {
    const answers = await Promise.allSettled([
      fetch(`http://127.0.0.1:${admin}/health`), fetch(`http://127.0.0.1:${ingress}/restate/health`),
    ]);
    if (answers.every(({ value }) => value?.ok)) return;
    await pause(100);
  }
  throw new Error('the server does not become healthy');
}

await serve({
  worker: async (given) => {
    tally = given;
    startServer();
    await untilHealthy();
    await restate.serve({ services: [bench], port: service });
    const pool = new Pool(`http://127.0.0.1:${admin}`);
    await post(pool, '/deployments', { uri: `http://127.0.0.1:${service}`, force: true });
    const query = "SELECT count(*) AS jobs FROM sys_invocation WHERE status != 'completed'";
    return { left: async () => JSON.parse(await post(pool, '/query', { query })).rows[0].jobs };
  },
  producer: async () => {
    const pool = new Pool(`http://127.0.0.1:${ingress}`, { connections: 128 });
    return {
      one: (data, steps) => post(pool, '/bench/job/send', { ...data, steps }),
      many: (jobs, steps) => post(pool, '/bench/many', { jobs, steps }),
    };
  },
});
