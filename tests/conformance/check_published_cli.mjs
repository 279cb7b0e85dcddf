// The published command line against this gateway: with a home of its own, its update checks off,
// and proxies that lead nowhere, so that it reaches nothing but this machine. Twenty starts of a
// large program: more than a minute.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Gateway, check, token } from './harness.mjs';

const program = fileURLToPath(new URL('./node_modules/openclaw/openclaw.mjs', import.meta.url));
const nowhere = 'http://127.0.0.1:9';

const gateway = await Gateway.start();
const home = join(gateway.folder, 'home');
await mkdir(join(home, '.openclaw'), { recursive: true });
await writeFile(join(home, '.openclaw', 'openclaw.json'), JSON.stringify({
  gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token } },
  logging: { file: join(home, 'cli.log') },
  update: { checkOnStart: false },
}), { mode: 0o600 });
const env = {
  PATH: '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '1',
  OPENCLAW_NO_AUTO_UPDATE: '1', npm_config_offline: 'true',
  HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, NO_PROXY: '127.0.0.1,localhost',
};

// What it prints; it has to end well.
function run(...args) {
  return new Promise((done, fail) => {
    execFile(process.execPath, [program, ...args], { env }, (e, out, err) => {
      if (e) fail(new Error(`exit code ${e.code}: ${(err + out).slice(-600)}`));
      else done(out);
    }).stdin.end();
  });
}

async function prints(args, ...wanted) {
  await check(`published command line: ${args.join(' ')}`, async () => {
    const out = await run(...args);
    for (const pattern of wanted) assert.match(out, pattern);
  });
}

await check('published command line: gateway call health by its address', async () => {
  const at = ['--url', `ws://127.0.0.1:${gateway.port}`, '--token', token];
  assert.equal(JSON.parse(await run('gateway', 'call', 'health', ...at, '--json')).ok, true);
});
await prints(['agent', '--message', 'hi', '--agent', 'main'], /You said: hi/);
await check('published command line: agent --message --session-key --json', async () => {
  const out = JSON.parse(await run('agent', '--message', 'hi again', '--session-key',
                                   'agent:main:main', '--json'));
  assert.equal(out.status, 'ok');
  assert.match(out.result.payloads[0].text, /^You said: hi again/);
});
await prints(['gateway', 'probe'], /Reachable: yes/, /Connect: ok/);
await prints(['gateway', 'health'], /OK \(\d+ms\)/);
await prints(['health'], /Agents: main \(default\)/, /\(1 entries\)/, /- agent:main:main/);
await prints(['status'], /reachable \d+ms/);
await prints(['gateway', 'status'], /Connectivity probe: ok/, /Gateway version: \d/);
await prints(['logs'], /Log file: .*gateway\.log/, /info ready/);
await prints(['channels', 'status'], /Gateway reachable\./);
await prints(['cron', 'list'], /No automations\./);
await check('published command line: cron add, list, run --wait, runs, edit, rm', async () => {
  const made = JSON.parse(await run('cron', 'add', '--name', 'greeting', '--every', '6h', '--message', 'hi',
                                    '--session', 'isolated', '--no-deliver', '--json'));
  assert.match(await run('cron', 'list'), /greeting/);
  const ran = JSON.parse(await run('cron', 'run', made.id, '--wait', '--wait-timeout', '60s'));
  assert.equal(ran.completionStatus, 'succeeded');
  const past = JSON.parse(await run('cron', 'runs', '--id', made.id));
  assert.match(past.entries[0].summary, /^You said: hi/);
  await run('cron', 'edit', made.id, '--name', 'welcome');
  assert.match(await run('cron', 'list'), /welcome/);
  assert.equal(JSON.parse(await run('cron', 'rm', made.id, '--json')).ok, true);
});
await prints(['nodes', 'list'], /Pending: 0 · Paired: 0/);
await check('published command line: system presence', async () => {
  const rows = JSON.parse(await run('system', 'presence'));
  assert.equal(rows[0].mode, 'gateway');
});

// What moves the cursor and colours the text.
const escapes = /\x1b(\[[0-9;?>=]*[A-Za-z]|[\]_][^\x07\x1b]*(\x07|\x1b\\))/g;

// A terminal for the interface, which `script` makes, and the text on it.
class Terminal {
  constructor(...args) {
    const command = ['stty rows 40 cols 120;', 'exec', process.execPath, program, ...args].join(' ');
    this.process = spawn('script', ['-qfc', command, '/dev/null'], { env });
    this.text = '';
    this.look = () => {};
    this.process.stdout.on('data', (bytes) => {
      this.text += bytes.toString('latin1').replace(escapes, '');
      this.look();
    });
  }
  shows(pattern) {
    return new Promise((done) => {
      this.look = () => pattern.test(this.text) && done();
      this.look();
    });
  }
  end() {
    this.process.kill('SIGKILL');
  }
}

const terminal = new Terminal('tui');
await check('published command line: tui shows what was said and talks', async () => {
  await terminal.shows(/gateway connected \| idle/);
  await terminal.shows(/You said: hi again/);
  terminal.process.stdin.write('one more');
  await terminal.shows(/one more/);
  terminal.process.stdin.write('\r');
  await terminal.shows(/You said: one more/);
}).finally(() => terminal.end());
await prints(['devices', 'list'], /Paired \(1\)/, /openclaw-tui/);

await gateway.stop();
