// A node and an operator, both played by the published client @openclaw/gateway-client.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

import { GatewayClient } from '@openclaw/gateway-client';

import { Gateway, check, token } from './harness.mjs';

function rawKey(pem) {
  return createPublicKey(pem).export({ format: 'der', type: 'spki' }).subarray(-32);
}

function makeDevice() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const deviceId = createHash('sha256').update(rawKey(publicKey)).digest('hex');
  return { deviceId, publicKeyPem: publicKey, privateKeyPem: privateKey };
}

// What the client asks its host for; `kept` is where it stores its device token.
function hostDeps(kept) {
  return {
    signDevicePayload: (pem, payload) => sign(null, Buffer.from(payload), pem).toString('base64url'),
    publicKeyRawBase64UrlFromPem: (pem) => rawKey(pem).toString('base64url'),
    loadDeviceAuthToken: () => kept.record ?? null,
    storeDeviceAuthToken: ({ token: t, scopes }) => { kept.record = { token: t, scopes }; },
    clearDeviceAuthToken: () => { delete kept.record; },
  };
}

class Client {
  constructor(options) {
    this.events = [];
    this.waiting = [];
    this.closed = new Promise((done) => {
      this.hello = new Promise((ok, failed) => {
        this.client = new GatewayClient({
          url: `ws://127.0.0.1:${gateway.port}`,
          onHelloOk: ok,
          onConnectError: failed,
          onEvent: (event) => {
            this.events.push(event);
            this.waiting = this.waiting.filter((look) => !look());
          },
          onClose: (code, reason) => done({ code, reason }),
          ...options,
        });
      });
    });
    this.client.start();
  }
  event(name, wanted = () => true) {
    return new Promise((done) => {
      const look = () => {
        const found = this.events.find((e) => e.event === name && wanted(e.payload));
        if (found) done(found.payload);
        return Boolean(found);
      };
      if (!look()) this.waiting.push(look);
    });
  }
  call(method, params = {}) {
    return this.client.request(method, params);
  }
}

function operator() {
  return new Client({ token, scopes: ['operator.admin'], deviceIdentity: null });
}

function node(device, kept, options = {}) {
  return new Client({
    clientName: 'node-host', mode: 'node', role: 'node', scopes: [], platform: 'linux',
    clientDisplayName: 'Desk', caps: ['system'], commands: ['system.notify', 'system.run', 'camera.snap'],
    deviceIdentity: device, hostDeps: hostDeps(kept), token, ...options,
  });
}

const gateway = await Gateway.start();
const device = makeDevice();
const kept = {};
const admin = operator();
await admin.hello;
let desk = node(device, kept);

await check('node: the published client comes in as a node and gets a token', async () => {
  const hello = await desk.hello;
  assert.equal(hello.auth.role, 'node');
  assert.deepEqual(hello.auth.scopes, []);
  assert.ok(hello.auth.deviceToken.length > 40);
  assert.equal(kept.record.token, hello.auth.deviceToken);
  assert.ok(hello.features.methods.includes('node.invoke.result'));
});

await check('node: what it offers waits for approval', async () => {
  const asked = await admin.event('node.pair.requested');
  assert.equal(asked.nodeId, device.deviceId);
  assert.deepEqual(asked.commands, ['system.notify', 'system.run']);
  const invoke = { nodeId: device.deviceId, command: 'system.notify', idempotencyKey: 'early' };
  await assert.rejects(admin.call('node.invoke', invoke), /node command not allowed/);
  const { pending } = await admin.call('node.pair.list');
  assert.equal(pending[0].requestId, asked.requestId);
  const { node: row } = await admin.call('node.pair.approve', { requestId: asked.requestId });
  assert.equal(row.approvalState, 'approved');
  const resolved = await admin.event('node.pair.resolved');
  assert.equal(resolved.decision, 'approved');
  const { nodes } = await admin.call('node.list');
  assert.deepEqual(nodes.map((n) => [n.nodeId, n.displayName, n.connected]),
                   [[device.deviceId, 'Desk', true]]);
});

await check('node: it is invoked and answers', async () => {
  const answer = admin.call('node.invoke', {
    nodeId: device.deviceId, command: 'system.notify', params: { title: 'hello' }, idempotencyKey: 'k1',
  });
  const asked = await desk.event('node.invoke.request');
  assert.deepEqual(JSON.parse(asked.paramsJSON), { title: 'hello' });
  const own = { id: asked.id, nodeId: device.deviceId };
  assert.deepEqual(await desk.call('node.invoke.result', { ...own, ok: true, payloadJSON: '{"shown":1}' }),
                   { ok: true });
  assert.deepEqual((await answer).payload, { shown: 1 });
});

await check('node: it may not call what is for operators, nor they what is for nodes', async () => {
  await assert.rejects(desk.call('sessions.list'), /unauthorized role: node/);
  await assert.rejects(admin.call('node.pending.pull'), /unauthorized role: operator/);
  assert.deepEqual((await desk.call('node.pending.pull')).actions, []);
  assert.deepEqual((await desk.call('skills.bins')).bins, []);
  assert.equal((await desk.call('node.event', { event: 'agent.request', payload: {} })).handled, false);
  assert.equal((await desk.call('health')).ok, true);
});

await check('node: what waits fails when it goes away, and it comes back by its token', async () => {
  const waits = admin.call('node.invoke', { nodeId: device.deviceId, command: 'system.run', idempotencyKey: 'k2' });
  const failure = assert.rejects(waits, /the node disconnected/);
  await desk.event('node.invoke.request', (p) => p.idempotencyKey === 'k2');
  await desk.client.stopAndWait();
  await failure;
  desk = node(device, kept, { token: undefined });
  assert.equal((await desk.hello).auth.role, 'node');
  const row = await admin.call('node.describe', { nodeId: device.deviceId });
  assert.equal(row.approvalState, 'approved');
  assert.equal(row.connected, true);
});

await check('node: one that is removed is closed', async () => {
  await admin.call('node.pair.remove', { nodeId: device.deviceId });
  assert.equal((await desk.closed).code, 4001);
  desk.client.stop();
  assert.deepEqual((await admin.call('node.list')).nodes, []);
});

desk.client.stop();
await admin.client.stopAndWait();
await gateway.stop();
