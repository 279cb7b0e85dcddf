// Prometheus's own tool reads what /metrics says.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Gateway, check, token } from './harness.mjs';

const gateway = await Gateway.start();
await gateway.cli('agent', '--message', 'something to count');

async function scrape() {
  const answer = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  return answer.text();
}

await check('metrics: promtool check metrics', async () => {
  const tool = spawn('promtool', ['check', 'metrics']);
  let said = '';
  for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (bytes) => (said += bytes));
  tool.stdin.end(await scrape());
  const [code] = await once(tool, 'close');
  assert.equal(code, 0, said);
  assert.equal(said.trim(), '');
});
await check('metrics: counters do not go down, and no text of a user shows', async () => {
  const counters = (text) => new Map([...text.matchAll(/^(\w+_total(?:\{.*\})?) (\S+)$/gm)]
    .map(([, name, value]) => [name, Number(value)]));
  const first = await scrape();
  const before = counters(first);
  const after = counters(await scrape());
  assert.ok(before.size > 5, `${before.size} counters`);
  for (const [name, value] of before) assert.ok(after.get(name) >= value, name);
  assert.ok(!first.includes('something to count'));
  assert.ok(!first.includes(token));
});
await gateway.stop();
