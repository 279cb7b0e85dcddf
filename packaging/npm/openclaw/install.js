'use strict';

// Puts the binary itself where the command points to, so that a call starts no Node. Where that cannot
// be done, the script that stands there does the same more slowly.

const fs = require('fs');
const path = require('path');
const { locate } = require('./locate.js');

const { binary, problem } = locate();
if (problem) {
  console.error(problem);
  process.exit(1);
}
const command = path.join(__dirname, 'bin', 'openclaw.js');
const beside = `${command}.new`;
try {
  fs.rmSync(beside, { force: true });
  fs.symlinkSync(path.relative(path.dirname(command), binary), beside);
  fs.renameSync(beside, command);
} catch (e) {
  console.error(`openclaw: ${e.message}; each call will start a Node first.`);
}
