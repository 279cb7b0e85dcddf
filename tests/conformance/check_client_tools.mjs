// OpenAI's library brings tools of its own to an agent: it is handed the calls, runs them, and comes
// back with the results; the model is aimock in both dialects.

import assert from 'node:assert/strict';

import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';

import { Gateway, agentOn, check, token } from './harness.mjs';

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a town.',
    parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
  },
};
const question = { role: 'user', content: 'weather in Oslo?' };
const call = { id: 'call_1', name: 'weather', arguments: '{"town":"Oslo"}' };

async function toolChecks(api, path) {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.on({ userMessage: 'weather', hasToolResult: false }, { toolCalls: [call] });
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It rains in Oslo.' });
  mock.on({ userMessage: 'both', hasToolResult: false },
          { toolCalls: [{ id: 'own_1', name: 'time', arguments: '{}' }, call] });
  mock.on({ userMessage: 'both', hasToolResult: true }, { content: 'Noon and rain.' });
  mock.onMessage('thanks', { content: 'You are welcome.' });
  await mock.start();
  const gateway = await Gateway.start(agentOn(api, mock.url + path));
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 0 });
  const chat = client.chat.completions;
  const asked = { model: 'openclaw', messages: [question], tools: [weather] };
  const result = { role: 'tool', tool_call_id: 'call_1', content: 'rain' };
  const lastRequest = () => mock.getRequests().at(-1).body;

  await check(`client tools on ${api}: a whole conversation of two steps`, async () => {
    const first = await chat.create(asked);
    const { finish_reason: reason, message } = first.choices[0];
    assert.equal(reason, 'tool_calls');
    assert.equal(message.content, null);
    assert.equal(message.tool_calls.length, 1);
    assert.equal(message.tool_calls[0].function.name, 'weather');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { town: 'Oslo' });
    const answer = { ...result, tool_call_id: message.tool_calls[0].id };
    const second = await chat.create({ ...asked, messages: [question, message, answer] });
    assert.equal(second.choices[0].message.content, 'It rains in Oslo.');
    assert.equal(second.choices[0].finish_reason, 'stop');
    assert.match(JSON.stringify(lastRequest().messages), /rain/);
  });
  await check(`client tools on ${api}: a streamed call through the library's helper`, async () => {
    const runner = chat.stream(asked);
    const seen = [];
    runner.on('tool_calls.function.arguments.done', (e) => seen.push(e));
    const final = await runner.finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments),
                     { town: 'Oslo' });
    assert.equal(seen.length, 1);
    assert.equal(seen[0].name, 'weather');
  });
  for (const stream of [false, true]) {
    await check(`client tools on ${api}: runTools runs them, stream ${stream}`, async () => {
      const towns = [];
      const runner = chat.runTools({
        model: 'openclaw', messages: [question], stream,
        tools: [{ ...weather, function: { ...weather.function, parse: JSON.parse,
                                          function: ({ town }) => { towns.push(town); return 'rain'; } } }],
      });
      assert.equal(await runner.finalContent(), 'It rains in Oslo.');
      assert.deepEqual(towns, ['Oslo']);
    });
  }
  await check(`client tools on ${api}: a kept session has each message once`, async () => {
    const kept = { ...asked, user: `ann on ${api}` };
    const { message } = (await chat.create(kept)).choices[0];
    const second = (await chat.create({ ...kept, messages: [question, message, result] })).choices[0];
    assert.equal(second.message.content, 'It rains in Oslo.');
    mock.clearRequests();
    await chat.create({ ...kept, messages: [{ role: 'user', content: 'thanks' }] });
    const sent = JSON.stringify(lastRequest().messages);
    for (const word of ['weather in Oslo?', 'call_1', 'It rains in Oslo.', 'thanks']) {
      assert.ok(sent.includes(word), `${word} in ${sent}`);
    }
    assert.equal(sent.split('weather in Oslo?').length, 2, sent);
  });
  await check(`client tools on ${api}: the agent's own tools run first`, async () => {
    const ask = { ...asked, messages: [{ role: 'user', content: 'both please' }], user: 'bob' };
    const { message } = (await chat.create(ask)).choices[0];
    assert.deepEqual(message.tool_calls.map((c) => c.function.name), ['weather']);
    const done = await chat.create({ ...ask, messages: [result] });
    assert.equal(done.choices[0].message.content, 'Noon and rain.');
    const results = lastRequest().messages.filter((m) => m.role === 'tool');
    assert.equal(results.length, 2);
    assert.match(JSON.stringify(results), /20\d\d-\d\d-\d\d/);
  });
  await check(`client tools on ${api}: tool_choice and a name that is taken`, async () => {
    mock.clearRequests();
    await chat.create({ ...asked, tool_choice: 'required', parallel_tool_calls: false });
    assert.equal(lastRequest().tools.length, 1, 'the client\'s tools alone');
    const time = { ...weather, function: { ...weather.function, name: 'time' } };
    await assert.rejects(chat.create({ ...asked, tools: [time] }),
                         (e) => e instanceof OpenAI.BadRequestError && e.message.includes('`time`'));
    await assert.rejects(chat.create({ ...asked, response_format: { type: 'json_object' } }),
                         (e) => e instanceof OpenAI.BadRequestError && /response_format/.test(e.message));
  });
  await gateway.stop();
  await mock.stop();
}

await toolChecks('openai-completions', '/v1');
await toolChecks('anthropic-messages', '');
