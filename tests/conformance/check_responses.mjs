// OpenAI's library uses Responses and Embeddings: an agent answers the one, a provider both.

import assert from 'node:assert/strict';

import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';

import { Gateway, agentOn, check, token } from './harness.mjs';

const words = 'Hi there, this is the mock speaking.';
const weather = {
  type: 'function',
  name: 'weather',
  description: 'The weather of a town.',
  parameters: { type: 'object', properties: { town: { type: 'string' } } },
  strict: false,
};

async function withAgent(api, path, body) {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.on({ userMessage: 'weather', hasToolResult: false },
          { toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"town":"Oslo"}' }] });
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It rains in Oslo.' });
  mock.onMessage('hello', { content: words });
  mock.onMessage('thanks', { content: 'You are welcome.' });
  mock.onMessage('go on and on', { content: 'word '.repeat(400) }, { latency: 50, chunkSize: 5 });
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

async function agentChecks(api, path) {
  await withAgent(api, path, async ({ mock, client }) => {
    const lastRequest = () => JSON.stringify(mock.getRequests().at(-1).body);

    await check(`responses on ${api}: a whole response`, async () => {
      const r = await client.responses.create(
        { model: 'openclaw', input: 'hello', instructions: 'be a pirate' });
      assert.equal(r.object, 'response');
      assert.equal(r.status, 'completed');
      assert.equal(r.output_text, words);
      assert.ok(r.usage.total_tokens >= 0);
      assert.ok(lastRequest().includes('be a pirate'));
    });
    await check(`responses on ${api}: a streamed response`, async () => {
      const stream = await client.responses.create({ model: 'openclaw', input: 'hello', stream: true });
      const types = [];
      let text = '';
      let next = 0;
      for await (const event of stream) {
        assert.equal(event.sequence_number, next++);
        if (types.at(-1) !== event.type) types.push(event.type);
        if (event.type === 'response.output_text.delta') text += event.delta;
      }
      assert.equal(text, words);
      assert.deepEqual(types, [
        'response.created', 'response.in_progress', 'response.output_item.added',
        'response.content_part.added', 'response.output_text.delta', 'response.output_text.done',
        'response.content_part.done', 'response.output_item.done', 'response.completed',
      ]);
    });
    await check(`responses on ${api}: the library's stream helper`, async () => {
      const stream = client.responses.stream({ model: 'openclaw', input: 'hello' });
      const final = await stream.finalResponse();
      assert.equal(final.output_text, words);
    });
    await check(`responses on ${api}: a tool and its output by previous_response_id`, async () => {
      const first = await client.responses.create(
        { model: 'openclaw', input: 'weather in Oslo?', tools: [weather] });
      const call = first.output.find((item) => item.type === 'function_call');
      assert.equal(call.name, 'weather');
      assert.deepEqual(JSON.parse(call.arguments), { town: 'Oslo' });
      const second = await client.responses.create({
        model: 'openclaw', previous_response_id: first.id, tools: [weather],
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
      });
      assert.equal(second.output_text, 'It rains in Oslo.');
      const third = await client.responses.create(
        { model: 'openclaw', previous_response_id: second.id, input: 'thanks' });
      assert.equal(third.output_text, 'You are welcome.');
      for (const word of ['weather in Oslo?', 'It rains in Oslo.', 'thanks']) {
        assert.equal(lastRequest().split(word).length, 2, `${word} once in ${lastRequest()}`);
      }
    });
    await check(`responses on ${api}: a tool with the whole conversation as items`, async () => {
      const input = [{ role: 'user', content: 'weather in Oslo?' }];
      const first = await client.responses.create({ model: 'openclaw', input, tools: [weather] });
      input.push(...first.output);
      const call = first.output.find((item) => item.type === 'function_call');
      input.push({ type: 'function_call_output', call_id: call.call_id, output: 'rain' });
      const second = await client.responses.create({ model: 'openclaw', input, tools: [weather] });
      assert.equal(second.output_text, 'It rains in Oslo.');
    });
    await check(`responses on ${api}: a streamed call through the library's helper`, async () => {
      const stream = client.responses.stream(
        { model: 'openclaw', input: 'weather in Oslo?', tools: [weather] });
      let done = null;
      stream.on('response.function_call_arguments.done', (event) => (done = event));
      const final = await stream.finalResponse();
      assert.deepEqual(JSON.parse(done.arguments), { town: 'Oslo' });
      assert.equal(final.output.at(-1).type, 'function_call');
      assert.equal(final.output.at(-1).arguments, done.arguments);
    });
    await check(`responses on ${api}: an aborted stream frees the session`, async () => {
      const stop = new AbortController();
      const stream = await client.responses.create(
        { model: 'openclaw', input: 'go on and on', stream: true, user: 'ann' },
        { signal: stop.signal });
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') break;
      }
      stop.abort();
      const r = await client.responses.create({ model: 'openclaw', input: 'hello', user: 'ann' });
      assert.equal(r.output_text, words);
    });
    await check(`responses on ${api}: errors are errors of the library`, async () => {
      await assert.rejects(
        client.responses.create({ model: 'openclaw', input: 'break' }),
        (e) => e instanceof OpenAI.APIError && e.status >= 500 && !e.message.includes('inner words'));
      await assert.rejects(
        client.responses.create({ model: 'openclaw', input: 'hello', previous_response_id: 'resp_x' }),
        (e) => e instanceof OpenAI.BadRequestError && e.code === 'previous_response_not_found');
      await assert.rejects(
        client.responses.create({ model: 'openclaw', input: 'hello', tools: [{ type: 'web_search' }] }),
        (e) => e instanceof OpenAI.BadRequestError && e.message.includes('web_search'));
    });
  });
}

async function providerChecks() {
  await withAgent('openai-completions', '/v1', async ({ client }) => {
    await check('responses: provider/model passes through, whole and streamed', async () => {
      const r = await client.responses.create({ model: 'mock/gpt-4', input: 'hello' });
      assert.equal(r.output_text, words);
      assert.equal(r.model, 'gpt-4');
      const final = await client.responses.stream({ model: 'mock/gpt-4', input: 'hello' }).finalResponse();
      assert.equal(final.output_text, words);
    });
    await check('embeddings: provider/model passes through', async () => {
      const r = await client.embeddings.create({ model: 'mock/gpt-4', input: 'hello' });
      assert.equal(r.object, 'list');
      assert.ok(r.data[0].embedding.length > 0);
    });
    await check('embeddings: an agent has none', async () => {
      await assert.rejects(client.embeddings.create({ model: 'openclaw', input: 'hello' }),
                           (e) => e instanceof OpenAI.InternalServerError && e.type === 'api_error');
    });
  });
}

await agentChecks('openai-completions', '/v1');
await agentChecks('anthropic-messages', '');
await providerChecks();
