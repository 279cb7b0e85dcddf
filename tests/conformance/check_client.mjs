// The reference client library, and everything that the gateway sends it against the published schema.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';

import { Gateway, agentOn, check, token } from './harness.mjs';
import { Device, Peer, inspector, proxyFrom } from './gateway_peer.mjs';
import { exceptions } from './schema.mjs';

// A model that says one thing, or begins to and never ends.
async function startModel() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const say = (content) => response.write(`data: ${JSON.stringify({
      id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4',
      choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`);
    for (const word of ['Hello', ' from', ' the', ' model']) say(word);
    if (body.includes('never end')) return;
    response.end('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4",' +
                 '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.base = `http://127.0.0.1:${server.address().port}/v1`;
  return server;
}

const model = await startModel();
const config = agentOn('openai-completions', model.base);
config.gateway = { network: { trustedProxies: ['127.0.0.1/32'] } };
const gateway = await Gateway.start(config);
const proxy = await proxyFrom(gateway, '192.0.2.7');

async function withPeer(options, body) {
  const peer = await Peer.connect(options.url ?? gateway.url, options);
  try {
    await body(peer);
  } finally {
    await peer.stop();
  }
}

await check('client: connects with the token and finds what it may do', () =>
  withPeer({}, async (peer) => {
    const hello = await peer.hello;
    assert.equal(hello.protocol, 4);
    assert.deepEqual(hello.auth.scopes, ['operator.admin']);
    assert.equal(hello.auth.deviceToken, undefined);
    assert.ok(hello.features.methods.includes('chat.send'));
    assert.equal((await peer.request('health')).ok, true);
  }));

await check('client: a wrong token is told apart and ends the attempts', async () => {
  const peer = new Peer(gateway.url, { token: 'wrong' });
  const error = await peer.refusal;
  assert.equal(error.details.code, 'AUTH_TOKEN_MISMATCH');
  await peer.until(() => peer.paused);
  assert.deepEqual(peer.closes.map((c) => c.code), [1008]);
  await peer.stop();
});

await check('client: another version of the protocol is refused', async () => {
  const peer = new Peer(gateway.url, { minProtocol: 3, maxProtocol: 3 });
  const error = await peer.refusal;
  assert.equal(error.details.code, 'PROTOCOL_MISMATCH');
  assert.equal(error.details.expectedProtocol, 4);
  await peer.stop();
});

await check('client: chat with its acknowledgement, deltas and final', () =>
  withPeer({}, async (peer) => {
    const ack = await peer.request('chat.send',
                                   { sessionKey: 'main', message: 'hello', idempotencyKey: 'c1' });
    assert.deepEqual(ack, { runId: 'c1', status: 'started' });
    const final = await peer.chat('c1', 'final');
    assert.equal(final.message.content[0].text, 'Hello from the model');
    const deltas = peer.of('chat').filter((p) => p.state === 'delta');
    assert.equal(deltas.map((p) => p.deltaText).join(''), 'Hello from the model');
    assert.equal(peer.gap, undefined);
    const again = await peer.request('chat.send',
                                     { sessionKey: 'main', message: 'hello', idempotencyKey: 'c1' });
    assert.deepEqual(again, { runId: 'c1', status: 'ok' });
    const history = await peer.request('chat.history', { sessionKey: 'main', limit: 10 });
    assert.deepEqual(history.messages.map((m) => m.role), ['user', 'assistant']);
    const id = history.messages[1].__openclaw.id;
    const one = await peer.request('chat.message.get', { sessionKey: 'main', messageId: id });
    assert.equal(one.message.content[0].text, 'Hello from the model');
  }));

await check('client: an aborted chat keeps what was said', () =>
  withPeer({}, async (peer) => {
    const sessionKey = 'agent:main:abort';
    await peer.request('chat.send', { sessionKey, message: 'never end', idempotencyKey: 'c2' });
    await peer.chat('c2', 'delta');
    const history = await peer.request('chat.history', { sessionKey });
    assert.equal(history.inFlightRun.runId, 'c2');
    const stopped = await peer.request('chat.abort', { sessionKey, runId: 'c2' });
    assert.deepEqual(stopped, { ok: true, aborted: true, runIds: ['c2'] });
    const end = await peer.chat('c2', 'aborted');
    assert.equal(end.stopReason, 'rpc');
    assert.match(end.message.content[0].text, /^Hello/);
    assert.equal((await peer.request('agent.wait', { runId: 'c2' })).status, 'error');
    assert.deepEqual(await peer.request('chat.abort', { sessionKey }),
                     { ok: true, aborted: false, runIds: [] });
  }));

await check('client: agent answers twice, and agent.wait knows the run', () =>
  withPeer({}, async (peer) => {
    const accepted = Promise.withResolvers();
    const final = peer.request(
      'agent', { message: 'hello', agentId: 'main', deliver: false, timeout: 60, idempotencyKey: 'a1' },
      { expectFinal: true, onAccepted: accepted.resolve });
    const first = await accepted.promise;
    assert.equal(first.runId, 'a1');
    assert.equal(first.status, 'accepted');
    const second = await final;
    assert.equal(second.status, 'ok');
    assert.equal(second.result.payloads[0].text, 'Hello from the model');
    const waited = await peer.request('agent.wait', { runId: 'a1', timeoutMs: 1000 });
    assert.equal(waited.status, 'ok');
    assert.ok(waited.endedAt >= waited.startedAt);
    const unknown = await peer.request('agent.wait', { runId: 'nobody', timeoutMs: 0 });
    assert.equal(unknown.status, 'timeout');
  }));

await check('client: a session from its making to its end, with its events', () =>
  withPeer({ caps: ['tool-events'] }, async (peer) => {
    assert.deepEqual(await peer.request('sessions.subscribe'), { subscribed: true });
    const made = await peer.request('sessions.create', { label: 'Plans', message: 'hello',
                                                         idempotencyKey: 's1' });
    assert.equal(made.runStarted, true);
    await peer.chat('s1', 'final');
    const { key } = made;
    assert.deepEqual(await peer.request('sessions.messages.subscribe', { key }),
                     { subscribed: true, key });
    const page = await peer.request('sessions.list', { includeDerivedTitles: true,
                                                       includeLastMessage: true });
    assert.ok(page.sessions.some((row) => row.key === key && row.label === 'Plans'));
    await peer.request('sessions.patch', { key, label: 'Other plans', pinned: true });
    const { session } = await peer.request('sessions.describe', { key });
    assert.equal(session.label, 'Other plans');
    assert.equal(session.pinned, true);
    assert.equal((await peer.request('sessions.resolve', { label: 'Other plans' })).key, key);
    const missing = await peer.request('sessions.resolve', { key: 'agent:main:none', allowMissing: true });
    assert.deepEqual(missing, { ok: false });
    const preview = await peer.request('sessions.preview', { keys: [key] });
    assert.equal(preview.previews[0].items.length, 2);
    await peer.request('chat.inject', { sessionKey: key, message: 'by the way', label: 'note' });
    assert.equal((await peer.request('sessions.send', { key, message: 'more' })).status, 'started');
    await peer.until(() => peer.of('session.message').length >= 5);
    await peer.request('sessions.reset', { key });
    assert.equal((await peer.request('chat.history', { sessionKey: key })).messages.length, 0);
    await peer.request('sessions.messages.unsubscribe', { key });
    assert.equal((await peer.request('sessions.delete', { key })).deleted, true);
    assert.equal((await peer.request('sessions.delete', { key })).deleted, false);
    await peer.event('sessions.changed', (p) => p.reason === 'delete');
    const reasons = peer.of('sessions.changed').map((p) => p.reason ?? p.phase);
    for (const reason of ['create', 'send', 'patch', 'end', 'reset', 'delete']) {
      assert.ok(reasons.includes(reason), `${reason} in ${reasons}`);
    }
  }));

await check('client: a device is paired, keeps its token and comes back with it', async () => {
  const device = new Device();
  const ui = { device, clientName: 'openclaw-tui', mode: 'ui',
               scopes: ['operator.read', 'operator.write'] };
  await withPeer(ui, async (peer) => {
    const { auth } = await peer.hello;
    assert.equal(auth.deviceToken, device.tokens.get('operator').token);
    assert.deepEqual(auth.scopes, ui.scopes);
  });
  await withPeer({ ...ui, token: undefined }, async (peer) => {
    assert.equal((await peer.hello).auth.method, 'device-token');
    await peer.request('sessions.list');
    await assert.rejects(peer.request('device.pair.list'), (e) =>
      e.gatewayCode === 'FORBIDDEN' && e.details.missingScope === 'operator.pairing');
  });
  // With a stale token of the gateway the client tries the device's own, as the answer advises.
  const peer = new Peer(gateway.url, { ...ui, token: 'changed since' });
  assert.equal((await peer.refusal).details.recommendedNextStep, 'retry_with_device_token');
  assert.equal((await peer.hello).auth.method, 'device-token');
  await peer.stop();
});

await check('client: a device from afar waits for approval', () =>
  withPeer({}, async (admin) => {
    const device = new Device();
    const far = { url: proxy.url, device, clientName: 'openclaw-tui', mode: 'ui',
                  clientDisplayName: 'Far away', scopes: ['operator.read'] };
    const refused = async () => {
      const peer = new Peer(proxy.url, far);
      const error = await peer.refusal;
      await peer.stop();
      assert.equal(error.gatewayCode, 'NOT_PAIRED');
      assert.equal(error.details.code, 'PAIRING_REQUIRED');
      return error.details.requestId;
    };
    const first = await refused();
    const { payload: asked } = await admin.event('device.pair.requested', (p) => p.requestId === first);
    assert.equal(asked.deviceId, device.identity.deviceId);
    const { pending } = await admin.request('device.pair.list');
    assert.deepEqual(pending.map((p) => p.requestId), [first]);
    assert.equal((await admin.request('device.pair.reject', { requestId: first })).requestId, first);
    await admin.event('device.pair.resolved', (p) => p.decision === 'rejected');
    const second = await refused();
    const done = await admin.request('device.pair.approve', { requestId: second });
    assert.equal(done.device.deviceId, device.identity.deviceId);
    await admin.event('device.pair.resolved', (p) => p.decision === 'approved');
    await withPeer(far, async (peer) => {
      assert.ok((await peer.hello).auth.deviceToken);
    });
    const id = device.identity.deviceId;
    await admin.request('device.pair.rename', { deviceId: id, label: 'Mine' });
    const { paired } = await admin.request('device.pair.list');
    assert.ok(paired.some((d) => d.deviceId === id));
    const rotated = await admin.request('device.token.rotate', { deviceId: id, role: 'operator' });
    assert.equal(rotated.tokenDelivery, 'withheld-cross-device');
    await admin.request('device.token.revoke', { deviceId: id, role: 'operator' });
    await admin.request('device.pair.remove', { deviceId: id });
  }));

await check('client: an agent comes, has files, and goes', () =>
  withPeer({}, async (peer) => {
    const { agentId } = await peer.request('agents.create', { name: 'Second One', model: 'mock/gpt-4' });
    assert.equal(agentId, 'second-one');
    await peer.request('agents.update', { agentId, model: null });
    await peer.request('agents.files.set', { agentId, name: 'SOUL.md', content: 'kind\n' });
    const { file } = await peer.request('agents.files.get', { agentId, name: 'SOUL.md' });
    assert.equal(file.content, 'kind\n');
    const { files } = await peer.request('agents.files.list', { agentId });
    assert.deepEqual(files.filter((f) => !f.missing).map((f) => f.name), ['SOUL.md']);
    const gone = await peer.request('agents.delete', { agentId });
    assert.equal(gone.removed[0].method, 'trash');
    const running = await peer.request('agents.list');
    assert.deepEqual(running.agents.map((a) => a.id), ['main']);
    await assert.rejects(peer.request('agents.files.list', { agentId }),
                         (e) => e.gatewayCode === 'INVALID_REQUEST');
  }));

await check('client: a job is added, changed, run and removed', () =>
  withPeer({}, async (peer) => {
    const made = await peer.request('cron.add', {
      name: 'greeting', schedule: { kind: 'cron', expr: '0 8 * * *', tz: 'Europe/Berlin' },
      sessionTarget: 'isolated', wakeMode: 'now', payload: { kind: 'agentTurn', message: 'hi' },
      misfire: 'skip', delivery: { mode: 'announce', channel: 'test', to: 'me' } });
    const { id } = made;
    await peer.request('cron.update', { id, patch: { description: 'each morning' } });
    const page = await peer.request('cron.list', { limit: 200, offset: 0 });
    assert.equal(page.jobs[0].description, 'each morning');
    const { runId } = await peer.request('cron.run', { id });
    await peer.until(() => peer.of('cron').some((e) => e.action === 'finished' && e.runId === runId));
    const past = await peer.request('cron.runs', { id });
    assert.equal(past.entries[0].status, 'ok');
    assert.equal((await peer.request('cron.get', { id })).state.lastRunStatus, 'ok');
    assert.equal((await peer.request('cron.remove', { id })).removed, true);
    await assert.rejects(peer.request('cron.get', { id }), (e) => e.details.code === 'CRON_JOB_NOT_FOUND');
  }));

// Params for those that want some; what changes things has its check above.
const wanted = {
  'agent.identity.get': { agentId: 'main' },
  'chat.history': { sessionKey: 'main' },
  'chat.startup': { sessionKey: 'main' },
  'sessions.describe': { key: 'main' },
  'sessions.preview': { keys: ['main'] },
  'sessions.resolve': { key: 'main' },
  'tools.effective': { sessionKey: 'main' },
  'tools.invoke': { name: 'nothing' },
  'logs.tail': { limit: 50, maxBytes: 250000 },
};

await check('client: every advertised method answers in shape', () =>
  withPeer({}, async (peer) => {
    const answered = [];
    for (const method of (await peer.hello).features.methods) {
      await peer.request(method, wanted[method] ?? {}).then(
        () => answered.push(method),
        (e) => assert.equal(e.gatewayCode, 'INVALID_REQUEST', `${method}: ${e.message}`));
    }
    for (const method of Object.keys(wanted)) assert.ok(answered.includes(method), method);
    assert.ok(answered.length > 40, `${answered.length} answered`);
    await assert.rejects(peer.request('no.such'), (e) => e.message === 'unknown method: no.such');
  }));

await check('client: comes back by itself when the gateway has restarted', async () => {
  const peer = await Peer.connect(gateway.url, {});
  await gateway.restart();
  await peer.until(() => peer.hellos.length === 2);
  assert.equal(peer.closes[0].code, 1012);
  assert.ok(peer.of('shutdown').length === 1, 'the end was announced');
  const history = await peer.request('chat.history', { sessionKey: 'main' });
  assert.ok(history.messages.length >= 2);
  await peer.stop();
});

await check('client: all that was seen is as the published schema has it', async () => {
  const { described, undescribed, problems, excepted } = inspector;
  console.log(`client: the schema describes ${described.size} kinds of what was seen and not ` +
              `${undescribed.size}: ${[...undescribed].sort().join(', ')}`);
  for (const name of excepted) console.log(`client: excepted: ${name}: ${exceptions[name]}`);
  assert.deepEqual([...excepted].sort(), Object.keys(exceptions).sort(), 'exceptions that nothing needs');
  assert.ok(described.size > 30, `${described.size} kinds described`);
  assert.equal(problems.size, 0, `${problems.size} deviations:\n${[...problems].sort().join('\n')}`);
});

await gateway.stop();
proxy.close();
model.closeAllConnections();
model.close();
