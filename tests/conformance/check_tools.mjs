// A model that asks for a tool gets its result and then answers, in both dialects.

import assert from 'node:assert/strict';

import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';

import { Gateway, agentOn, check, token } from './harness.mjs';

async function toolChecks(api, path) {
  const mock = new LLMock({ port: 0 });
  mock.on({ userMessage: 'what time', hasToolResult: false },
          { toolCalls: [{ id: 'call_1', name: 'time', arguments: '{}' }] });
  mock.on({ userMessage: 'what time', hasToolResult: true }, { content: 'It is late.' });
  mock.on({ userMessage: 'odd tool', hasToolResult: false },
          { toolCalls: [{ id: 'call_2', name: 'no_such_tool', arguments: '{"a":1}' }] });
  mock.on({ userMessage: 'odd tool', hasToolResult: true }, { content: 'There is no such tool.' });
  await mock.start();
  const gateway = await Gateway.start(agentOn(api, mock.url + path));
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 0 });
  const ask = async (content) => {
    mock.clearRequests();
    const c = await client.chat.completions.create({
      model: 'openclaw', messages: [{ role: 'user', content }],
    });
    return { text: c.choices[0].message.content, requests: mock.getRequests().map((r) => r.body) };
  };
  const resultIn = (body) => body.messages.find((m) => m.role === 'tool');

  await check(`tools on ${api}: the time is told`, async () => {
    const { text, requests } = await ask('what time is it');
    assert.equal(text, 'It is late.');
    assert.equal(requests.length, 2);
    assert.ok(JSON.stringify(requests[0].tools).includes('"time"'), 'the tool was offered');
    const result = resultIn(requests[1]);
    assert.equal(result.tool_call_id, 'call_1');
    assert.match(JSON.stringify(result.content), /20\d\d-\d\d-\d\d/);
  });
  await check(`tools on ${api}: a tool that there is not becomes a result, not a failure`, async () => {
    const { text, requests } = await ask('odd tool');
    assert.equal(text, 'There is no such tool.');
    assert.equal(resultIn(requests[1]).tool_call_id, 'call_2');
  });
  await gateway.stop();
  await mock.stop();
}

await toolChecks('openai-completions', '/v1');
await toolChecks('anthropic-messages', '');
