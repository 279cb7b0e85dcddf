// The command line against a running gateway, and without one: output, JSON, exit codes.

import assert from 'node:assert/strict';

import { Gateway, check, freePort, runBinary, token } from './harness.mjs';

const gateway = await Gateway.start();

async function expectJson(...args) {
  const r = await gateway.cli('--json', ...args);
  assert.equal(r.code, 0, r.err);
  return JSON.parse(r.out);
}

await check('cli: message send --to test --wait prints the answer', async () => {
  const r = await gateway.cli('message', 'send', '--to', 'test', '--message', 'hello', '--wait');
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /^You said: hello/);
});
await check('cli: message send as JSON', async () => {
  const sent = await expectJson('message', 'send', '--to', 'test', '--message', 'again', '--wait');
  assert.match(sent.reply, /^You said: again/);
});
await check('cli: agent --message streams the answer', async () => {
  const r = await gateway.cli('agent', '--message', 'hi there');
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /^You said: hi there/);
});
await check('cli: health, plain and as JSON', async () => {
  const r = await gateway.cli('health');
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /healthy/);
  assert.equal((await expectJson('health')).status, 'healthy');
  assert.ok((await expectJson('health', '--detailed')).components.store);
});
await check('cli: sessions list knows what was said', async () => {
  const list = await expectJson('sessions', 'list');
  assert.ok(list.sessions.length >= 2);
  assert.equal((await gateway.cli('sessions', 'list')).code, 0);
});
await check('cli: every query speaks JSON', async () => {
  for (const args of [['status'], ['models', 'list'], ['channels', 'status'], ['version'],
                      ['config', 'get'], ['gateway', 'call', 'health']]) {
    assert.equal(typeof (await expectJson(...args)), 'object', args.join(' '));
  }
});
await check('cli: cron add, list, run, runs, remove', async () => {
  const made = await expectJson('cron', 'add', '--name', 'greeting', '--every', '6h', '--message', 'hi');
  assert.match((await gateway.cli('cron', 'list')).out, /greeting +every 6h/);
  const { runId } = await expectJson('cron', 'run', made.id);
  await expectJson('gateway', 'call', 'agent.wait', '--params', JSON.stringify({ runId, timeoutMs: 30000 }));
  let runs = [];
  for (let i = 0; i < 100 && runs.length === 0; ++i) {
    runs = (await expectJson('cron', 'runs', made.id)).entries;
  }
  assert.match(runs[0].summary, /^You said: hi/);
  assert.match((await gateway.cli('cron', 'runs')).out, /greeting +ok/);
  const spoken = await gateway.cli('cron', 'add', '--name', 'tea', '--at', '20m', '--event', 'tea');
  assert.equal(spoken.code, 0, spoken.err);
  assert.equal((await gateway.cli('cron', 'remove', made.id)).code, 0);
  assert.equal((await expectJson('cron', 'list')).jobs.length, 1);
});
await check('cli: config get does not show the token', async () => {
  const r = await gateway.cli('config', 'get');
  assert.equal(r.code, 0, r.err);
  assert.ok(!r.out.includes(token));
});
await check('cli: wrong usage is 2', async () => {
  for (const args of [['nonsense'], ['message', 'send'], ['health', '--no-such-flag']]) {
    const r = await gateway.cli(...args);
    assert.equal(r.code, 2, args.join(' '));
    assert.ok(r.err.length > 0);
  }
});
await check('cli: a gateway that is not there is 3', async () => {
  const nowhere = `ws://127.0.0.1:${await freePort()}`;
  for (const args of [['health'], ['sessions', 'list'], ['agent', '--message', 'x']]) {
    const r = await runBinary(['--url', nowhere, '--token', token, ...args], gateway.environment());
    assert.equal(r.code, 3, `${args.join(' ')}: ${r.err}`);
    assert.equal(r.out, '');
  }
});
await check('cli: a wrong token is 4', async () => {
  for (const args of [['sessions', 'list'], ['agent', '--message', 'x'], ['models', 'list']]) {
    const r = await runBinary(['--url', gateway.url, '--token', 'wrong', ...args],
                              gateway.environment());
    assert.equal(r.code, 4, `${args.join(' ')}: ${r.err}`);
    assert.ok(!r.err.includes('wrong token: wrong'));
  }
});
await gateway.stop();
