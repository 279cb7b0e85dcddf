// The examples of config/ in front of the gateway, in the real proxies: WebSockets, the addresses of
// clients, streamed answers. And the nginx example that OpenClaw's documentation had from its beginning.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import https from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import WebSocket from 'ws';

import { Gateway, agentOn, check, freePort, hasProgram, skip, token } from './harness.mjs';

const site = 'openclaw.example.com';
const folder = await mkdtemp(join(tmpdir(), 'openclaw-proxies-'));
const certificate = join(folder, 'fullchain.pem');
const key = join(folder, 'privkey.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
  '-days', '2', '-subj', `/CN=${site}`, '-addext', `subjectAltName=DNS:${site}`, '-keyout', key,
  '-out', certificate], { stdio: 'ignore' });
const both = join(folder, `${site}.pem`);
const ca = await readFile(certificate, 'utf8');
await writeFile(both, ca + await readFile(key, 'utf8'));

// A model that says its second word only when told to.
const model = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const say = (content, finish = null) => response.write(`data: ${JSON.stringify({
    id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  })}\n\n`);
  say('first');
  const rest = () => {
    say(' second', 'stop');
    response.end('data: [DONE]\n\n');
  };
  if (model.waiting) model.waiting.then(rest);
  else rest();
}).listen(0, '127.0.0.1');
await once(model, 'listening');

// Every place of the file that the test has elsewhere; one that is not there any more is an error.
async function adapted(file, changes) {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `${file} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function nginx(file) {
  return {
    program: 'nginx',
    async start(port, gateway) {
      const home = await mkdtemp(join(folder, 'nginx-'));
      const server = await adapted(file, [
        ['listen 443', `listen 127.0.0.1:${port}`], ['127.0.0.1:18789', `127.0.0.1:${gateway}`],
        [`/etc/letsencrypt/live/${site}/fullchain.pem`, certificate],
        [`/etc/letsencrypt/live/${site}/privkey.pem`, key],
      ]);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((what) => `${what}_temp_path ${home}/${what};`).join('\n');
      const user = process.getuid() === 0 ? 'user root;' : '';
      await writeFile(join(home, 'nginx.conf'), `${user} daemon off; worker_processes 1; pid ${home}/pid;
        error_log stderr; events {} http { access_log off; ${temporary}\n${server} }`);
      return ['-p', home, '-c', join(home, 'nginx.conf')];
    },
  };
}

const caddy = {
  program: 'caddy',
  async start(port, gateway) {
    const file = join(folder, 'Caddyfile');
    const text = await adapted('config/Caddyfile', [
      [`${site} {`, `https://${site}:${port} {\n\ttls ${certificate} ${key}\n\tbind 127.0.0.1`],
      ['127.0.0.1:18789', `127.0.0.1:${gateway}`],
    ]);
    await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${text}`);
    return ['run', '--adapter', 'caddyfile', '--config', file];
  },
};

const haproxy = {
  program: 'haproxy',
  async start(port, gateway) {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, await adapted('config/haproxy.cfg', [
      ['bind :443', `bind 127.0.0.1:${port}`], ['127.0.0.1:18789', `127.0.0.1:${gateway}`],
      [`/etc/haproxy/${site}.pem`, both],
    ]));
    return ['-db', '-f', file];
  },
};

// A request by way of the proxy, from an address of this machine's own; { status, headers, body }.
function ask(port, path, { from = '127.0.0.1', headers = {}, body, onData } = {}) {
  return new Promise((done, fail) => {
    const request = https.request({
      host: '127.0.0.1', port, path, ca, servername: site, localAddress: from, agent: false,
      method: body ? 'POST' : 'GET', headers: { host: site, authorization: `Bearer ${token}`, ...headers },
    }, (response) => {
      let text = '';
      response.on('data', (bytes) => {
        text += bytes;
        onData?.(text);
      });
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: text }));
      response.on('error', fail);
    });
    request.on('error', fail);
    request.end(body);
  });
}

async function conversation(port) {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { ca, servername: site, headers: { host: site } });
  const frames = [];
  let look = () => {};
  socket.on('message', (data) => {
    frames.push(JSON.parse(data));
    look();
  });
  const frame = (wanted) => new Promise((done, fail) => {
    socket.once('error', fail);
    socket.once('close', (code, reason) => fail(new Error(`closed: ${code} ${reason}`)));
    look = () => frames.some(wanted) && done(frames.find(wanted));
    look();
  });
  await frame((f) => f.event === 'connect.challenge');
  const call = (id, method, params) => {
    socket.send(JSON.stringify({ type: 'req', id, method, params }));
    return frame((f) => f.type === 'res' && f.id === id);
  };
  const hello = await call('c', 'connect', {
    minProtocol: 4, maxProtocol: 4, role: 'operator', scopes: ['operator.admin'], caps: [],
    client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' }, auth: { token },
  });
  assert.equal(hello.payload?.type, 'hello-ok', JSON.stringify(hello));
  const ping = new Promise((done) => socket.once('pong', done));
  socket.ping();
  await ping;
  const health = await call('h', 'health', {});
  assert.equal(health.ok, true, JSON.stringify(health));
  socket.close();
  await once(socket, 'close');
}

async function streamed(port) {
  let second;
  model.waiting = new Promise((done) => (second = done));
  let early = false;
  const answer = await ask(port, '/v1/chat/completions', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openclaw', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    onData: (text) => {
      if (!text.includes('first') || early) return;
      early = !text.includes('second');
      second();
    },
  });
  model.waiting = null;
  assert.equal(answer.status, 200, answer.body);
  assert.ok(early, 'the first word came with the last');
  assert.match(answer.body, /second[\s\S]*\[DONE\]/);
}

// A client that is not the proxy's own address: all of 127.0.0.0/8 is one network to the gateway.
const elsewhere = Object.values(networkInterfaces()).flat()
  .find((a) => !a.internal && a.family === 'IPv4')?.address;

// Wrong tokens lock their network out: who that is shows whom the gateway takes for the client.
async function addresses(port) {
  const wrong = { from: elsewhere, headers: { authorization: 'Bearer wrong' } };
  for (let i = 0; i < 10; i++) assert.equal((await ask(port, '/v1/models', wrong)).status, 401, `${i}`);
  for (const forged of ['203.0.113.5', '127.0.0.1', 'unknown', 'unknown, 203.0.113.6']) {
    const headers = { 'x-forwarded-for': forged, 'x-real-ip': forged, forwarded: `for=${forged}` };
    const hidden = await ask(port, '/v1/models', { from: elsewhere, headers });
    assert.equal(hidden.status, 429, `hidden behind ${forged}`);
  }
  assert.equal((await ask(port, '/v1/models')).status, 200, 'a lockout of one client held another');
}

async function proxied(name, proxy) {
  if (!hasProgram(proxy.program)) {
    skip(`proxies: ${name}`, `${proxy.program} is not installed`);
    return;
  }
  const gateway = await Gateway.start({
    gateway: { network: { trustedProxies: ['127.0.0.1/32'] } },
    ...agentOn('openai-completions', `http://127.0.0.1:${model.address().port}`),
  });
  const port = await freePort();
  let said = '';
  const child = spawn(proxy.program, await proxy.start(port, gateway.port), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  await check(`proxies: ${name} passes requests on`, async () => {
    for (;;) {
      assert.equal(child.exitCode, null, said);
      const answer = await ask(port, '/readyz').catch(() => null);
      if (answer?.status === 200) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal((await ask(port, '/health')).status, 200);
    assert.equal((await ask(port, '/metrics')).status, 200);
    const large = 'x'.repeat(3_000_000);
    const refused = await ask(port, '/v1/chat/completions', { headers: { authorization: 'Bearer no' }, body: large })
      .catch((e) => ({ status: e.code }));
    // A proxy that is still sending when the answer and the end come may say 502: its way of ECONNRESET.
    assert.ok([401, 413, 502, 'EPIPE', 'ECONNRESET'].includes(refused.status), `${refused.status}`);
  });
  await check(`proxies: ${name} passes WebSockets on`, () => conversation(port));
  await check(`proxies: ${name} hands a streamed answer on as it is written`, () => streamed(port));
  const last = `proxies: ${name} says who the client is, and no client can`;
  if (elsewhere) await check(last, () => addresses(port));
  else skip(last, 'this machine has no address beyond loopback to be a second client with');
  child.kill('SIGTERM');
  await once(child, 'close');
  await gateway.stop();
}

await chmod(folder, 0o755);
await mkdir(join(folder, 'data'), { recursive: true });
await proxied('config/nginx.conf', nginx('config/nginx.conf'));
await proxied('nginx as documented', nginx('tests/conformance/fixtures/nginx_as_documented.conf'));
await proxied('config/Caddyfile', caddy);
await proxied('config/haproxy.cfg', haproxy);

await check('proxies: without trustedProxies an upgrade is refused and the line to add is named', async () => {
  const gateway = await Gateway.start();
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), { headers: { 'x-forwarded-for': '192.0.2.7' } });
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const bytes of response) text += bytes;
  assert.match(text, /gateway\.network\.trustedProxies/);
  await gateway.stop();
});
model.close();
await rm(folder, { recursive: true, force: true });
