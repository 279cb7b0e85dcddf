// What the checks share: a gateway of their own on a free port, a model server, and the lines.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const binary = process.env.OPENCLAW_BINARY;
export const token = 'conformance-token-0123456789abcdef';
const patience = 60_000; // ms; only something that hangs gets there

// Runs `body` as one check; a check that fails does not end the others.
export async function check(name, body, minutes = 1) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result in ${minutes} min`)), minutes * patience);
  });
  try {
    await Promise.race([body(), limit]);
    console.log(`PASS ${name}`);
  } catch (e) {
    console.log(`FAIL ${name}: ${String(e.message).replaceAll('\n', ' | ')}`);
  } finally {
    clearTimeout(timer);
  }
}

// A check that cannot run here; the reason stands in the output and in the count at its end.
export function skip(name, reason) {
  console.log(`SKIP ${name}: ${reason}`);
}

export function hasProgram(name) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// A gateway with `config` (besides port and token), and its command line.
export class Gateway {
  static async start(config = {}) {
    const g = new Gateway();
    g.folder = await mkdtemp(join(tmpdir(), 'openclaw-conformance-'));
    g.port = await freePort();
    g.url = `http://127.0.0.1:${g.port}`;
    g.file = join(g.folder, 'openclaw.json');
    const whole = {
      gateway: { auth: { token }, ...config.gateway, network: { port: g.port, ...config.gateway?.network } },
      ...Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'gateway')),
    };
    await writeFile(g.file, JSON.stringify(whole), { mode: 0o600 });
    await g.run();
    return g;
  }

  async run() {
    this.output = '';
    this.process = spawn(binary, [...this.flags(), 'gateway', 'run'], {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (bytes) => (this.output += bytes));
    }
    await this.ready();
  }

  flags() {
    return ['--config', this.file, '--state-dir', join(this.folder, 'state')];
  }

  environment() {
    return { PATH: process.env.PATH, HOME: this.folder };
  }

  async ready() {
    for (;;) {
      if (this.process.exitCode !== null) {
        throw new Error(`the gateway ended with ${this.process.exitCode}: ${this.output}`);
      }
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.status === 200) return;
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  // Runs the command line against this gateway: { code, out, err }.
  cli(...args) {
    return runBinary([...this.flags(), ...args], this.environment());
  }

  // Ends it and starts it anew, with its state.
  async restart() {
    await this.end();
    await this.run();
  }

  async end() {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }

  // Ends it the way a service manager does; the exit code.
  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
    return this.process.exitCode;
  }
}

export function runBinary(args, env) {
  return new Promise((done) => {
    const child = execFile(binary, args, { env, timeout: patience }, (e, out, err) => {
      done({ code: child.exitCode, out, err });
    });
    child.stdin.end();
  });
}

// The part of a configuration that puts an agent on a model server at `base`.
export function agentOn(api, base) {
  return {
    models: { providers: { mock: { api, baseUrl: base, apiKey: 'mock-key', models: ['gpt-4'] } } },
    agents: { defaults: { model: 'mock/gpt-4' } },
  };
}
