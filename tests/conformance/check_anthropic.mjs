// Anthropic's own library talks to an agent, whose model is aimock in both dialects; and through the
// gateway to the provider itself.

import assert from 'node:assert/strict';

import Anthropic from '@anthropic-ai/sdk';
import { LLMock } from '@copilotkit/aimock';

import { Gateway, agentOn, check, token } from './harness.mjs';

const words = 'Hi there, this is the mock speaking.';
const weather = {
  name: 'weather',
  description: 'The weather of a town.',
  input_schema: { type: 'object', properties: { town: { type: 'string' } } },
};

async function withAgent(api, path, body) {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.on({ userMessage: 'weather', hasToolResult: false },
          { toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"town":"Oslo"}' }] });
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It rains in Oslo.' });
  mock.onMessage('hello', {
    content: words,
    usage: { input_tokens: 11, output_tokens: 7, prompt_tokens: 11, completion_tokens: 7 },
  });
  mock.onMessage('go on and on', { content: 'word '.repeat(400) }, { latency: 50, chunkSize: 5 });
  mock.onMessage('reject', { error: { message: 'inner words', type: 'invalid_request_error' }, status: 400 });
  mock.onMessage('break', { error: { message: 'inner words', type: 'server_error' }, status: 500 });
  await mock.start();
  const gateway = await Gateway.start(agentOn(api, mock.url + path));
  const client = new Anthropic({ baseURL: gateway.url, apiKey: token, maxRetries: 0 });
  try {
    await body({ mock, gateway, client });
  } finally {
    await gateway.stop();
    await mock.stop();
  }
}

const says = (content, more = {}) =>
  ({ model: 'openclaw', max_tokens: 100, messages: [{ role: 'user', content }], ...more });

async function agentChecks(api, path) {
  await withAgent(api, path, async ({ mock, gateway, client }) => {
    await check(`anthropic on ${api}: a whole message`, async () => {
      const m = await client.messages.create(says('hello', { system: 'be a pirate' }));
      assert.equal(m.type, 'message');
      assert.equal(m.content[0].text, words);
      assert.equal(m.stop_reason, 'end_turn');
      assert.equal(m.usage.input_tokens, 11);
      assert.equal(m.usage.output_tokens, 7);
      assert.ok(JSON.stringify(mock.getRequests().at(-1).body).includes('be a pirate'));
    });
    await check(`anthropic on ${api}: a streamed message`, async () => {
      const types = [];
      let text = '';
      for await (const event of await client.messages.create(says('hello', { stream: true }))) {
        if (types.at(-1) !== event.type) types.push(event.type);
        if (event.type === 'content_block_delta') text += event.delta.text;
      }
      assert.equal(text, words);
      assert.deepEqual(types.filter((t) => t !== 'ping'),
                       ['message_start', 'content_block_start', 'content_block_delta',
                        'content_block_stop', 'message_delta', 'message_stop']);
    });
    await check(`anthropic on ${api}: the library's stream helper`, async () => {
      const stream = client.messages.stream(says('hello'));
      const final = await stream.finalMessage();
      assert.equal(final.content[0].text, words);
      assert.equal(final.stop_reason, 'end_turn');
      assert.equal(final.usage.output_tokens, 7);
    });
    await check(`anthropic on ${api}: a tool in two steps`, async () => {
      const first = await client.messages.create(says('weather in Oslo?', { tools: [weather] }));
      assert.equal(first.stop_reason, 'tool_use');
      const use = first.content.find((block) => block.type === 'tool_use');
      assert.equal(use.name, 'weather');
      assert.deepEqual(use.input, { town: 'Oslo' });
      const second = await client.messages.create({
        model: 'openclaw', max_tokens: 100, tools: [weather],
        messages: [{ role: 'user', content: 'weather in Oslo?' },
                   { role: 'assistant', content: first.content },
                   { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }] }],
      });
      assert.equal(second.content[0].text, 'It rains in Oslo.');
    });
    await check(`anthropic on ${api}: a streamed call through the library's helper`, async () => {
      const stream = client.messages.stream(says('weather in Oslo?', { tools: [weather] }));
      const final = await stream.finalMessage();
      assert.equal(final.stop_reason, 'tool_use');
      assert.deepEqual(final.content.at(-1).input, { town: 'Oslo' });
    });
    await check(`anthropic on ${api}: the header keeps a session`, async () => {
      const more = { tools: [weather] };
      const kept = { headers: { 'x-openclaw-session-key': 'agent:main:ann' } };
      const first = await client.messages.create(says('weather in Oslo?', more), kept);
      const use = first.content.find((block) => block.type === 'tool_use');
      const result = [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }];
      assert.equal((await client.messages.create(says(result, more), kept)).content[0].text,
                   'It rains in Oslo.');
    });
    await check(`anthropic on ${api}: an aborted stream frees the session`, async () => {
      const kept = { headers: { 'x-openclaw-session-key': 'agent:main:bob' } };
      const stream = client.messages.stream(says('go on and on'), kept);
      for await (const event of stream) {
        if (event.type === 'content_block_delta') break;
      }
      stream.abort();
      const m = await client.messages.create(says('hello'), kept);
      assert.equal(m.content[0].text, words);
    });
    await check(`anthropic on ${api}: errors are errors of the library`, async () => {
      await assert.rejects(
        client.messages.create(says('break')),
        (e) => e instanceof Anthropic.InternalServerError && !e.message.includes('inner words'));
      await assert.rejects(
        client.messages.create(says('hello', { model: 'claude-unheard-of' })),
        (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error' &&
               Boolean(e.error.request_id));
      const { max_tokens: _, ...unlimited } = says('hello');
      await assert.rejects(client.messages.create(unlimited),
                           (e) => e instanceof Anthropic.BadRequestError && /max_tokens/.test(e.message));
      const wrong = new Anthropic({ baseURL: gateway.url, apiKey: 'wrong', maxRetries: 0 });
      await assert.rejects(wrong.messages.create(says('hello')),
                           (e) => e instanceof Anthropic.AuthenticationError);
    });
    await check(`anthropic on ${api}: the token may stand in x-api-key`, async () => {
      const body = JSON.stringify(says('hello'));
      const ask = (key) => fetch(`${gateway.url}/v1/messages`, {
        method: 'POST', body,
        headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      });
      assert.equal((await (await ask(token)).json()).content[0].text, words);
      const refused = await ask('wrong');
      assert.equal(refused.status, 401);
      assert.equal((await refused.json()).error.type, 'authentication_error');
    });
  });
}

async function surfaceChecks() {
  await withAgent('openai-completions', '/v1', async ({ mock, client }) => {
    await check('anthropic: models.list and models.retrieve', async () => {
      const seen = [];
      for await (const model of client.models.list()) seen.push(model.id);
      assert.ok(seen.includes('openclaw') && seen.includes('mock/gpt-4'), `${seen}`);
      assert.equal((await client.models.retrieve('openclaw')).display_name, 'openclaw');
    });
    await check('anthropic: tokens are counted', async () => {
      mock.clearRequests();
      const { max_tokens: _, ...asked } = says('hello');
      assert.ok((await client.messages.countTokens(asked)).input_tokens > 0);
      assert.equal(mock.getRequests().length, 0);
    });
    await check('anthropic: the library knows the id of its request', async () => {
      assert.ok((await client.messages.create(says('hello')))._request_id);
      await assert.rejects(client.messages.create(says('hello', { model: 'claude-unheard-of' })),
                           (e) => Boolean(e.requestID));
    });
    await check('anthropic: what the provider rejects is asked for once', async () => {
      mock.clearRequests();
      await assert.rejects(client.messages.create(says('reject'), { maxRetries: 2 }),
                           (e) => e instanceof Anthropic.BadRequestError);
      assert.equal(mock.getRequests().length, 1);
    });
  });
}

async function providerChecks() {
  await withAgent('anthropic-messages', '', async ({ mock, client }) => {
    await check('anthropic: provider/model passes through, whole and streamed', async () => {
      const asked = says('hello', { model: 'mock/gpt-4' });
      const m = await client.messages.create(asked);
      assert.equal(m.content[0].text, words);
      assert.equal(mock.getRequests().at(-1).body.model, 'gpt-4');
      assert.equal((await client.messages.stream(asked).finalMessage()).content[0].text, words);
    });
  });
  await withAgent('openai-completions', '/v1', async ({ client }) => {
    await check('anthropic: a provider of another kind is a bad request', async () => {
      await assert.rejects(client.messages.create(says('hello', { model: 'mock/gpt-4' })),
                           (e) => e instanceof Anthropic.BadRequestError && /Messages/.test(e.message));
    });
  });
}

await agentChecks('openai-completions', '/v1');
await agentChecks('anthropic-messages', '');
await surfaceChecks();
await providerChecks();
