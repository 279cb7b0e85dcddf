// The REST face, held against its own description by a validator and driven by what it says.

import assert from 'node:assert/strict';

import { Validator } from '@seriousme/openapi-schema-validator';

import { Gateway, check, token } from './harness.mjs';

const gateway = await Gateway.start();
const headers = { authorization: `Bearer ${token}` };
const get = (path) => fetch(gateway.url + path, { headers });
const post = (path, body, more = {}) => fetch(gateway.url + path, {
  method: 'POST',
  headers: { ...headers, 'content-type': 'application/json', ...more },
  body: JSON.stringify(body),
});

await check('rest: the OpenAPI document is valid', async () => {
  const document = await (await get('/api/openapi.json')).json();
  assert.equal(document.openapi, '3.1.0');
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  assert.ok(valid, JSON.stringify(errors));
  const ids = Object.values(document.paths).flatMap((p) => Object.values(p).map((o) => o.operationId));
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  for (const [path, item] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
    for (const operation of Object.values(item)) {
      const given = (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name);
      assert.deepEqual(given.sort(), names.sort(), path);
    }
  }
});

await check('rest: a message is answered and read back', async () => {
  const sent = await post('/api/sessions/main/messages', { message: 'hello there' },
                          { 'idempotency-key': 'conformance-1' });
  assert.equal(sent.status, 202);
  assert.equal((await sent.json()).runId, 'conformance-1');
  const run = await (await get('/api/runs/conformance-1?timeoutMs=30000')).json();
  assert.equal(run.status, 'ok');
  const history = await (await get('/api/sessions/main/messages')).json();
  assert.equal(history.messages.length, 2);
  assert.equal(history.messages[0].content[0].text, 'hello there');
});

await check('rest: what every documented GET without a name answers is JSON', async () => {
  const document = await (await get('/api/openapi.json')).json();
  for (const [path, item] of Object.entries(document.paths)) {
    if (!item.get || path.includes('{') || !path.startsWith('/api/')) continue;
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    await answer.json();
    const nobody = await fetch(gateway.url + path);
    assert.equal(nobody.status, 401, path);
    await nobody.text();
  }
});

await check('rest: an agent comes, has files, and goes', async () => {
  const agents = '/api/agents';
  const call = (method, path, body) => fetch(gateway.url + agents + path, {
    method, headers: { ...headers, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  });
  assert.equal((await post(agents, { name: 'Rest' })).status, 201);
  assert.equal((await call('PATCH', '/rest', { model: 'local/echo' })).status, 200);
  assert.equal((await call('PUT', '/rest/files/USER.md', { content: 'them' })).status, 200);
  const { file } = await (await get(`${agents}/rest/files/USER.md`)).json();
  assert.equal(file.content, 'them');
  assert.equal((await call('DELETE', '/main')).status, 409);
  assert.equal((await call('DELETE', '/rest')).status, 200);
});

await check('rest: a tool is invoked', async () => {
  const answer = await post('/tools/invoke', { tool: 'time', args: {} });
  assert.equal(answer.status, 200);
  const { ok, result } = await answer.json();
  assert.equal(ok, true);
  assert.match(result.content[0].text, /20\d\d-\d\d-\d\d/);
  const denied = await post('/tools/invoke', { tool: 'exec', args: { command: 'id' } });
  assert.equal(denied.status, 404);
});

await gateway.stop();
