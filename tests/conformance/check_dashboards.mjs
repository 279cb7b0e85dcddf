// The rules and the dashboard of config/, held against what a running gateway says on /metrics, by
// Prometheus itself.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Gateway, check, freePort, hasProgram, runBinary, skip, token } from './harness.mjs';

const folder = await mkdtemp(join(tmpdir(), 'openclaw-dashboards-'));
const rulesFile = 'config/prometheus/openclaw.rules.yml';
const rules = await readFile(rulesFile, 'utf8');
const dashboard = JSON.parse(await readFile('config/grafana/openclaw.json', 'utf8'));
const expressions = [
  ...dashboard.panels.flatMap((p) => p.targets ?? []).map((t) => t.expr),
  ...dashboard.annotations.list.map((a) => a.expr),
];

const gateway = await Gateway.start();
await gateway.cli('agent', '--message', 'something to count');
const said = await gateway.cli('message', 'send', '--to', 'test', '--message', 'hi', '--wait');
assert.equal(said.code, 0, said.err);
const answer = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
const metrics = await answer.text();

// { name: [labels of each series] }
const served = new Map();
for (const [, name, labels] of metrics.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /gm)) {
  if (!served.has(name)) served.set(name, []);
  served.get(name).push(Object.fromEntries([...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v])));
}
const byPrometheus = ['up', 'job', 'instance'];   // what it adds itself
const recorded = [...rules.matchAll(/record: (\S+)/g)].map(([, name]) => name);

// Selectors as they stand in a text, and bare names that look like the gateway's own.
function* selectors(text) {
  for (const [, name, inside] of text.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)) yield [name, inside];
  for (const [name] of text.matchAll(/\b(?:openclaw_|process_|openclaw:)[\w:]+/g)) yield [name, ''];
}

function unknownIn(text) {
  const unknown = new Set();
  for (const [name, inside] of selectors(text)) {
    if (byPrometheus.includes(name) || recorded.includes(name)) continue;
    const series = served.get(name);
    if (!series) {
      unknown.add(name);
      continue;
    }
    for (const [, label] of inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) {
      if (byPrometheus.includes(label)) continue;
      if (!series.some((labels) => label in labels)) unknown.add(`${name}{${label}}`);
    }
    for (const [, label, values] of inside.matchAll(/(\w+)\s*=~?\s*"([^"]*)"/g)) {
      if (byPrometheus.includes(label)) continue;
      for (const value of values.split('|')) {
        if (!series.some((labels) => labels[label] === value)) unknown.add(`${name}{${label}="${value}"}`);
      }
    }
  }
  return [...unknown];
}

async function promtool(...args) {
  const run = promisify(execFile)('promtool', args, { cwd: folder });
  return run.catch((e) => assert.fail(`${e.stdout} ${e.stderr}`));
}

await check('dashboards: every metric and label of the rules is on /metrics', async () => {
  assert.ok(recorded.length > 3 && [...selectors(rules)].length > 30);
  assert.deepEqual(unknownIn(rules), []);
});
await check('dashboards: every metric and label of the dashboard is on /metrics', async () => {
  assert.ok(expressions.length > 40, `${expressions.length} expressions`);
  assert.deepEqual(unknownIn(expressions.join('\n')), []);
  for (const { query } of dashboard.templating.list) assert.deepEqual(unknownIn(query.query ?? ''), []);
});
await check('dashboards: every command that an alert names exists', async () => {
  // "openclaw channels deliveries says why", "openclaw health --detailed; the log", "-u openclaw shows".
  const named = rules.matchAll(/(?<!-u |status )openclaw((?: [a-z][a-z-]+)+?)(?= says| --|;|\.|"|$)/gm);
  const commands = new Set([...named].map(([, words]) => words.trim()));
  assert.ok(commands.size > 3, [...commands].join());
  for (const command of commands) {
    const { out } = await runBinary([...command.split(' '), '--help'], gateway.environment());
    assert.ok(out.includes(`Usage: openclaw ${command} `), `openclaw ${command}: ${out}`);
  }
});
await check('dashboards: promtool takes the rules and the scrape job, and the alerts fire when they should', async () => {
  await copyFile(rulesFile, join(folder, 'openclaw.rules.yml'));
  await copyFile('tests/conformance/fixtures/alerts_test.yml', join(folder, 'alerts_test.yml'));
  await promtool('check', 'rules', '--lint=all', '--lint-fatal', 'openclaw.rules.yml');
  await promtool('test', 'rules', 'alerts_test.yml');
});

async function withPrometheus(body) {
  const port = await freePort();
  const secret = join(folder, 'token');
  await writeFile(secret, token);
  const example = await readFile('config/prometheus/prometheus.yml', 'utf8');
  const text = example.replace('/etc/prometheus/openclaw.token', secret)
    .replace('127.0.0.1:18789', `127.0.0.1:${gateway.port}`).replaceAll(': 15s', ': 1s');
  await writeFile(join(folder, 'prometheus.yml'), text);
  await promtool('check', 'config', 'prometheus.yml');
  const server = spawn('prometheus', ['--config.file=prometheus.yml', '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${port}`], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (bytes) => (log += bytes));
  const query = async (expr) => {
    if (server.exitCode !== null) assert.fail(log);
    const body = new URLSearchParams({ query: expr });
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: 'POST', body }).catch(() => null);
    return reply?.json();
  };
  try {
    await body(query);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
}

if (hasProgram('prometheus')) {
  await check('dashboards: Prometheus scrapes the gateway and answers every panel', () => withPrometheus(async (query) => {
    // A rate wants two scrapes.
    const scraped = 'count_over_time(openclaw_turns_running{job="openclaw"}[1m]) >= 3';
    for (;;) {
      const reply = await query(scraped).catch(() => null);
      if (reply?.data?.result?.length > 0) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    for (const expr of expressions) {
      const concrete = expr.replaceAll('$job', 'openclaw').replaceAll('$instance', '.*')
        .replaceAll('$__rate_interval', '1m');
      const reply = await query(concrete);
      assert.equal(reply.status, 'success', `${concrete}: ${reply.error}`);
      const quiet = concrete.startsWith('changes(');
      assert.ok(quiet || reply.data.result.length > 0, `${concrete} has no series`);
    }
  }));
} else {
  skip('dashboards: Prometheus scrapes the gateway', 'prometheus is not installed');
}
await gateway.stop();
await rm(folder, { recursive: true, force: true });
