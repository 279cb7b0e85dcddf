// OpenAI's own library talks to an agent, whose model is aimock in the dialect of OpenAI, then of
// Anthropic; and through the gateway to the provider itself.

import assert from 'node:assert/strict';

import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';

import { Gateway, agentOn, check, token } from './harness.mjs';

const long = 'word '.repeat(400).trim();

async function withAgent(api, path, body) {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.onMessage('hello', {
    content: 'Hi there, this is the mock speaking.',
    usage: { input_tokens: 11, output_tokens: 7, prompt_tokens: 11, completion_tokens: 7 },
  });
  mock.onMessage('go on and on', { content: long }, { latency: 50, chunkSize: 5 });
  mock.onMessage('reject', { error: { message: 'inner words', type: 'invalid_request_error' }, status: 400 });
  mock.onMessage('break', { error: { message: 'inner words', type: 'server_error' }, status: 500 });
  await mock.start();
  const gateway = await Gateway.start(agentOn(api, mock.url + path));
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 0 });
  try {
    await body({ mock, gateway, client });
  } finally {
    await gateway.stop();
    await mock.stop();
  }
}

const says = (content) => [{ role: 'user', content }];

async function readStream(stream) {
  const seen = { text: '', finish: null, usage: null, role: null, chunks: 0 };
  for await (const chunk of stream) {
    seen.chunks += 1;
    const choice = chunk.choices[0];
    seen.text += choice?.delta?.content ?? '';
    seen.role ??= choice?.delta?.role ?? null;
    seen.finish ??= choice?.finish_reason ?? null;
    seen.usage ??= chunk.usage ?? null;
  }
  return seen;
}

async function agentChecks(api, path) {
  await withAgent(api, path, async ({ mock, client }) => {
    await check(`openai on ${api}: a whole completion`, async () => {
      const c = await client.chat.completions.create({ model: 'openclaw', messages: says('hello') });
      assert.equal(c.object, 'chat.completion');
      assert.equal(c.choices[0].message.content, 'Hi there, this is the mock speaking.');
      assert.equal(c.choices[0].finish_reason, 'stop');
      assert.deepEqual(c.usage, { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
    });
    await check(`openai on ${api}: a streamed completion with usage`, async () => {
      const seen = await readStream(await client.chat.completions.create({
        model: 'openclaw', messages: says('hello'), stream: true,
        stream_options: { include_usage: true },
      }));
      assert.equal(seen.text, 'Hi there, this is the mock speaking.');
      assert.equal(seen.role, 'assistant');
      assert.equal(seen.finish, 'stop');
      assert.equal(seen.usage.total_tokens, 18);
      assert.ok(seen.chunks > 3, `${seen.chunks} chunks`);
    });
    await check(`openai on ${api}: the library's stream helper`, async () => {
      const runner = client.chat.completions.stream({ model: 'openclaw', messages: says('hello') });
      assert.equal(await runner.finalContent(), 'Hi there, this is the mock speaking.');
    });
    await check(`openai on ${api}: the conversation of the client reaches the model`, async () => {
      mock.clearRequests();
      await client.chat.completions.create({
        model: 'openclaw',
        messages: [{ role: 'system', content: 'be a pirate' }, ...says('first'),
                   { role: 'assistant', content: 'arr' }, ...says('hello')],
      });
      const sent = JSON.stringify(mock.getRequests().at(-1).body);
      for (const word of ['be a pirate', 'first', 'arr', 'hello']) assert.ok(sent.includes(word), word);
    });
    await check(`openai on ${api}: an aborted stream frees the session`, async () => {
      const stop = new AbortController();
      const ask = (signal) => client.chat.completions.create(
        { model: 'openclaw', messages: says('go on and on'), stream: true, user: 'ann' }, { signal });
      const stream = await ask(stop.signal);
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta?.content) break;
      }
      stop.abort();
      const c = await client.chat.completions.create(
        { model: 'openclaw', messages: says('hello'), user: 'ann' });
      assert.equal(c.choices[0].message.content, 'Hi there, this is the mock speaking.');
    });
    await check(`openai on ${api}: a provider's failure is an error of the library`, async () => {
      await assert.rejects(
        client.chat.completions.create({ model: 'openclaw', messages: says('break') }),
        (e) => e instanceof OpenAI.APIError && e.status >= 500 && !e.message.includes('inner words'));
    });
  });
}

// The library repeats what failed unless it is told not to.
async function repeatChecks() {
  await withAgent('openai-completions', '/v1', async ({ mock, gateway }) => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 2 });
    await check('openai: what the provider rejects is asked for once', async () => {
      await assert.rejects(
        client.chat.completions.create({ model: 'openclaw', messages: says('reject') }),
        (e) => e instanceof OpenAI.BadRequestError);
      assert.equal(mock.getRequests().length, 1);
    });
    await check('openai: a turn that was stopped is not begun again', async () => {
      mock.clearRequests();
      const asked = client.chat.completions.create(
        { model: 'openclaw', messages: says('go on and on') },
        { headers: { 'x-openclaw-session-key': 'agent:main:stopped' } });
      while (mock.getRequests().length === 0) await new Promise((next) => setImmediate(next));
      const stop = `${gateway.url}/api/sessions/${encodeURIComponent('agent:main:stopped')}/abort`;
      const r = await fetch(stop, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
      assert.equal(r.status, 200);
      await assert.rejects(asked, (e) => e instanceof OpenAI.ConflictError);
      assert.equal(mock.getRequests().length, 1);
    });
  });
}

async function surfaceChecks() {
  await withAgent('openai-completions', '/v1', async ({ gateway, client }) => {
    await check('openai: models.list', async () => {
      const ids = [];
      for await (const model of client.models.list()) ids.push(model.id);
      for (const id of ['openclaw', 'openclaw/default', 'openclaw/main', 'mock/gpt-4']) {
        assert.ok(ids.includes(id), `${id} in ${ids}`);
      }
      assert.equal((await client.models.retrieve('openclaw')).id, 'openclaw');
    });
    await check('openai: an unknown model is a bad request', async () => {
      await assert.rejects(
        client.chat.completions.create({ model: 'gpt-unheard-of', messages: says('hello') }),
        (e) => e instanceof OpenAI.BadRequestError && e.type === 'invalid_request_error');
      await assert.rejects(
        client.chat.completions.create({ model: 'openclaw/nobody', messages: says('hello') }),
        (e) => e instanceof OpenAI.BadRequestError && e.message.includes("Unknown agent 'nobody'."));
    });
    await check('openai: a wrong key is an authentication error', async () => {
      const other = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
      await assert.rejects(other.models.list(), (e) => e instanceof OpenAI.AuthenticationError);
      await assert.rejects(
        other.chat.completions.create({ model: 'openclaw', messages: says('hello') }),
        (e) => e instanceof OpenAI.AuthenticationError && Boolean(e.requestID));
    });
    await check('openai: provider/model passes through, whole and streamed', async () => {
      const asked = { model: 'mock/gpt-4', messages: says('hello') };
      const c = await client.chat.completions.create(asked);
      assert.equal(c.choices[0].message.content, 'Hi there, this is the mock speaking.');
      assert.equal(c.model, 'gpt-4');
      const seen = await readStream(await client.chat.completions.create({ ...asked, stream: true }));
      assert.equal(seen.text, 'Hi there, this is the mock speaking.');
      assert.equal(seen.finish, 'stop');
    });
    await check('openai: a passed-through error keeps its status', async () => {
      await assert.rejects(
        client.chat.completions.create({ model: 'mock/gpt-4', messages: says('break') }),
        (e) => e instanceof OpenAI.InternalServerError && e.status === 500);
    });
  });
}

await agentChecks('openai-completions', '/v1');
await agentChecks('anthropic-messages', '');
await repeatChecks();
await surfaceChecks();
