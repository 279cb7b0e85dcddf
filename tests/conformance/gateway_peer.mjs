// The published client library with what a program around it brings: a device's key, a place for
// its tokens, and somebody who waits for answers and events. All that it sees goes to the inspector.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { GatewayClient } from '@openclaw/gateway-client';

import { Inspector } from './schema.mjs';
import { token } from './harness.mjs';

export const inspector = new Inspector();

// An Ed25519 key, and the tokens that gateways gave it.
export class Device {
  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.identity = {
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }),
      deviceId: createHash('sha256').update(rawKey(publicKey)).digest('hex'),
    };
    this.tokens = new Map();  // by role
  }
  hooks() {
    return {
      signDevicePayload: (pem, payload) =>
        sign(null, Buffer.from(payload), createPrivateKey(pem)).toString('base64url'),
      publicKeyRawBase64UrlFromPem: (pem) => rawKey(createPublicKey(pem)).toString('base64url'),
      loadDeviceAuthToken: ({ role }) => this.tokens.get(role) ?? null,
      storeDeviceAuthToken: ({ role, ...record }) => this.tokens.set(role, record),
      clearDeviceAuthToken: ({ role }) => this.tokens.delete(role),
    };
  }
}

const rawKey = (publicKey) => Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url');

export class Peer {
  // Nothing is awaited: `hello` or `refusal` is what became of it.
  constructor(url, { device, ...options } = {}) {
    this.events = [];
    this.closes = [];
    this.hellos = [];
    this.waiting = [];
    const hello = Promise.withResolvers();
    const refusal = Promise.withResolvers();
    this.hello = hello.promise;
    this.refusal = refusal.promise;
    this.client = new GatewayClient({
      url: url.replace('http', 'ws'),
      token,
      deviceIdentity: device?.identity ?? null,
      hostDeps: { logError: () => {}, ...device?.hooks() },
      onHelloOk: (payload) => {
        inspector.hello(payload);
        this.hellos.push(payload);
        hello.resolve(payload);
        this.#look();
      },
      onConnectError: (e) => refusal.resolve(e),
      onReconnectPaused: (info) => (this.paused = info),
      onClose: (code, reason) => {
        this.closes.push({ code, reason });
        this.#look();
      },
      onGap: (gap) => (this.gap = gap),
      onEvent: (frame) => {
        if (frame.event !== 'connect.challenge') inspector.event(frame);
        this.events.push(frame);
        this.#look();
      },
      ...options,
    });
    this.client.start();
  }

  static async connect(url, options) {
    const peer = new Peer(url, options);
    const refused = peer.refusal.then((e) => {
      peer.client.stop();
      throw e;
    });
    await Promise.race([peer.hello, refused]);
    refused.catch(() => {});  // what comes later is the business of who waits for it
    return peer;
  }

  async request(method, params = {}, options = {}) {
    try {
      const payload = await this.client.request(method, params, options);
      inspector.result(method, payload);
      return payload;
    } catch (e) {
      if (e.gatewayCode) inspector.error(wireShape(e));
      throw e;
    }
  }

  // Resolves as soon as `look` gives something true; it is asked again whenever something came.
  until(look) {
    return new Promise((done) => {
      const again = () => {
        const found = look(this);
        if (found) done(found);
        return Boolean(found);
      };
      if (!again()) this.waiting.push(again);
    });
  }
  event(name, wanted = () => true) {
    return this.until(() => this.events.find((f) => f.event === name && wanted(f.payload)));
  }
  chat(runId, state) {
    return this.event('chat', (p) => p.runId === runId && p.state === state).then((f) => f.payload);
  }
  of(name) {
    return this.events.filter((f) => f.event === name).map((f) => f.payload);
  }
  stop() {
    return this.client.stopAndWait();
  }
  #look() {
    this.waiting = this.waiting.filter((again) => !again());
  }
}

// The error object as it was on the wire, as far as the library keeps it.
function wireShape(e) {
  const { gatewayCode: code, message, details, retryable, retryAfterMs } = e;
  return JSON.parse(JSON.stringify({ code, message, details, retryable, retryAfterMs }));
}

// A proxy in front of the gateway: whoever comes through it comes from `address`.
export async function proxyFrom(gateway, address) {
  const server = createServer((client) => {
    const upstream = connect(gateway.port, '127.0.0.1');
    client.once('data', (head) => {
      const text = head.toString('latin1');
      upstream.write(text.replace('\r\n', `\r\nX-Forwarded-For: ${address}\r\n`), 'latin1');
      client.pipe(upstream);
    });
    upstream.pipe(client);
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      one.on('error', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
