// What the documentation shows works as it stands there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { Gateway, check, token } from './harness.mjs';

const gateway = await Gateway.start();

await check('docs: the client of docs/protocol.md gets an answer', async () => {
  const page = readFileSync('docs/protocol.md', 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)[1];
  assert.ok(code.split('\n').length <= 45, 'it stays a short one');
  const file = 'build/conformance/client_of_the_docs.mjs';
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file, 'hello from the page'], {
    env: { ...process.env, OPENCLAW_URL: gateway.url.replace('http', 'ws'), OPENCLAW_TOKEN: token },
  });
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  const code_of_exit = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code_of_exit, 0, err);
  assert.match(out, /^You said: hello from the page/);
  assert.match(err, /^connected to /);
});

await gateway.stop();
