#!/usr/bin/env node
'use strict';

// Stands here until install.js puts the binary in its place, and for good with --ignore-scripts.

const { spawn } = require('child_process');
const os = require('os');
const { locate } = require('../locate.js');

const { binary, problem } = locate();
if (problem) {
  console.error(problem);
  process.exit(1);
}
const args = process.argv.slice(2);
// Newer Nodes can become another program.
if (process.execve) process.execve(binary, [binary, ...args], process.env);

const child = spawn(binary, args, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
  process.on(signal, () => child.kill(signal));
}
child.on('error', (e) => {
  console.error(`openclaw: ${binary}: ${e.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 128 + os.constants.signals[signal] : code));
