// The WebSocket protocol through the client library `ws`.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import WebSocket from 'ws';

import { Gateway, check, token } from './harness.mjs';

class Client {
  constructor(url, options = {}) {
    this.socket = new WebSocket(url, options);
    this.frames = [];
    this.waiting = [];
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(data));
      this.waiting = this.waiting.filter((w) => !w());
    });
  }
  // The first frame, of those already here and those to come, for which `wanted` holds.
  frame(wanted) {
    return new Promise((done) => {
      const look = () => {
        const found = this.frames.find(wanted);
        if (found) done(found);
        return Boolean(found);
      };
      if (!look()) this.waiting.push(look);
    });
  }
  call(id, method, params = {}) {
    this.socket.send(JSON.stringify({ type: 'req', id, method, params }));
    return this.frame((f) => f.type === 'res' && f.id === id);
  }
  chat(state) {
    return this.frame((f) => f.event === 'chat' && f.payload.state === state);
  }
  async connect(given = token, scopes = ['operator.admin']) {
    await this.frame((f) => f.event === 'connect.challenge');
    return this.call('connect', 'connect', {
      minProtocol: 4, maxProtocol: 4, role: 'operator', scopes, caps: ['tool-events'],
      client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
      auth: { token: given },
    });
  }
}

const gateway = await Gateway.start();
const url = `ws://127.0.0.1:${gateway.port}`;

await check('websocket: connect, send, delta and final', async () => {
  const client = new Client(url);
  const hello = await client.connect();
  assert.equal(hello.payload.type, 'hello-ok');
  assert.equal(hello.payload.protocol, 4);
  const ack = await client.call('1', 'chat.send',
                                { sessionKey: 'main', message: 'hello', idempotencyKey: 'k1' });
  assert.deepEqual(ack.payload, { runId: 'k1', status: 'started' });
  const { payload: final } = await client.chat('final');
  const whole = final.message.content[0].text;
  assert.match(whole, /^You said: hello/);
  const deltas = client.frames.filter((f) => f.event === 'chat' && f.payload.state === 'delta');
  assert.ok(deltas.length > 1);
  assert.equal(deltas.map((f) => f.payload.deltaText).join(''), whole);
  const numbers = client.frames.filter((f) => f.seq !== undefined).map((f) => f.seq);
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
  client.socket.close(1000);
  const [code] = await once(client.socket, 'close');
  assert.equal(code, 1000);
});

await check('websocket: compression is offered and not taken', async () => {
  const client = new Client(url, { perMessageDeflate: true });
  assert.equal((await client.connect()).ok, true);
  assert.equal(client.socket.extensions, '');
  client.socket.terminate();
});

await check('websocket: a wrong token closes with 1008', async () => {
  const client = new Client(url);
  const closed = once(client.socket, 'close');
  const refused = await client.connect('wrong');
  assert.equal(refused.error.details.code, 'AUTH_TOKEN_MISMATCH');
  const [code, reason] = await closed;
  assert.equal(code, 1008);
  assert.equal(String(reason), refused.error.message);
});

await check('websocket: a foreign origin is refused before the upgrade', async () => {
  const socket = new WebSocket(url, { origin: 'http://evil.test' });
  const [, answer] = await once(socket, 'unexpected-response');
  assert.equal(answer.statusCode, 403);
});

await check('websocket: pings are answered and large messages taken', async () => {
  const client = new Client(url);
  await client.connect();
  const pong = once(client.socket, 'pong');
  client.socket.ping('are you there');
  assert.equal(String((await pong)[0]), 'are you there');
  const message = 'x'.repeat(300_000);
  const ack = await client.call('1', 'chat.send',
                                { sessionKey: 'agent:main:large', message, idempotencyKey: 'k2' });
  assert.equal(ack.ok, true);
  assert.ok((await client.chat('final')).payload.message.content[0].text.includes(message));
  client.socket.terminate();
});

await check('websocket: a session from its making to its end, with its events', async () => {
  const client = new Client(url);
  await client.connect();
  const ask = async (id, method, params) => {
    const answer = await client.call(id, method, params);
    assert.equal(answer.ok, true, `${method}: ${JSON.stringify(answer.error)}`);
    return answer.payload;
  };
  assert.deepEqual(await ask('s1', 'sessions.subscribe'), { subscribed: true });
  const made = await ask('s2', 'sessions.create',
                         { label: 'Plans', message: 'hello', idempotencyKey: 'k3' });
  assert.equal(made.runStarted, true);
  await client.chat('final');
  const row = (await ask('s3', 'sessions.describe', { key: made.key })).session;
  assert.equal(row.label, 'Plans');
  assert.equal(row.messageCount, 2);
  const found = await ask('s4', 'sessions.resolve', { label: 'Plans' });
  assert.equal(found.key, made.key);
  const startup = await ask('s5', 'chat.startup', { sessionKey: made.key });
  assert.equal(startup.messages.length, 2);
  assert.ok(startup.metadata.models.length > 0);
  await ask('s6', 'sessions.reset', { key: made.key });
  assert.equal((await ask('s7', 'chat.history', { sessionKey: made.key })).messages.length, 0);
  assert.equal((await ask('s8', 'sessions.delete', { key: made.key })).deleted, true);
  assert.equal((await ask('s9', 'sessions.describe', { key: made.key })).session, null);
  await client.frame((f) => f.event === 'sessions.changed' && f.payload.reason === 'delete');
  const of = (event) => client.frames.filter((f) => f.event === event).map((f) => f.payload);
  assert.equal(of('session.message').length, 2);
  assert.deepEqual(of('sessions.changed').map((p) => p.reason ?? p.phase),
                   ['create', 'patch', 'send', 'agent.run.started', 'end', 'reset',
                    'delete']);
  const phases = of('agent').filter((p) => p.stream === 'lifecycle').map((p) => p.data.phase);
  assert.deepEqual(phases, ['start', 'end']);
  client.socket.terminate();
});

await check('websocket: the configuration is read, changed and told of', async () => {
  const client = new Client(url);
  await client.connect();
  const before = (await client.call('c1', 'config.get')).payload;
  assert.equal(before.valid, true);
  assert.equal(JSON.stringify(before).includes(token), false);
  assert.equal(before.parsed.gateway.auth.token, '__OPENCLAW_REDACTED__');
  const raw = JSON.stringify({ gateway: { auth: before.parsed.gateway.auth, logging: { level: 'debug' } } });
  const late = await client.call('c2', 'config.patch', { raw, baseHash: 'another' });
  assert.equal(late.error.message, 'config changed since last load; re-run config.get and retry');
  const done = (await client.call('c3', 'config.patch', { raw, baseHash: before.hash })).payload;
  assert.equal(done.restartRequired, false);
  assert.deepEqual(done.applied, ['gateway.logging.level']);
  const told = await client.frame((f) => f.event === 'config.changed');
  assert.equal(told.payload.hash, done.hash);
  const after = (await client.call('c4', 'config.get')).payload;
  assert.equal(after.parsed.gateway.logging.level, 'debug');
  assert.equal(after.hash, done.hash);
  client.socket.terminate();
});

await check('websocket: a channel is stopped and started', async () => {
  const client = new Client(url);
  await client.connect();
  const running = async (id) =>
    (await client.call(id, 'channels.status')).payload.channels.test.running;
  assert.equal((await client.call('h1', 'channels.stop', { channel: 'test' })).payload.stopped, true);
  assert.equal(await running('h2'), false);
  assert.equal((await client.call('h3', 'channels.start', { channel: 'test' })).payload.started, true);
  assert.equal(await running('h4'), true);
  client.socket.terminate();
});

await check('websocket: every advertised method that takes no params answers', async () => {
  const client = new Client(url);
  const hello = await client.connect();
  for (const method of hello.payload.features.methods) {
    const answer = await client.call(`all ${method}`, method);
    const fair = answer.ok || answer.error.code === 'INVALID_REQUEST';
    assert.ok(fair, `${method}: ${JSON.stringify(answer.error)}`);
  }
  const log = (await client.call('log', 'logs.tail', { limit: 5 })).payload;
  assert.ok(log.size > 0 && log.lines.length > 0, 'the gateway writes a log');
  client.socket.terminate();
});

await check('websocket: the end is announced and closes with 1012', async () => {
  const client = new Client(url);
  await client.connect();
  const closed = once(client.socket, 'close');
  assert.equal(await gateway.stop(), 0);
  const [code, reason] = await closed;
  assert.equal(code, 1012);
  assert.equal(String(reason), 'service restart');
  assert.ok(client.frames.some((f) => f.event === 'shutdown'));
});
await gateway.stop();
