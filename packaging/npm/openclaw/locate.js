'use strict';

// Where the binary of this machine is, or why there is none.

function locate() {
  const name = `@openclaw/${process.platform}-${process.arch}`;
  let manifest;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    return { problem: `openclaw: there is no ${name} here. Either npm was told to leave optional dependencies out\n`
      + `(install again without --omit=optional), or there is no binary for ${process.platform}-${process.arch} yet:\n`
      + 'then build openclaw from its source.' };
  }
  const wanted = require(manifest).openclaw.glibc;
  process.report.excludeNetwork = true;   // or it asks DNS for the names of open sockets
  const here = process.report.getReport().header.glibcVersionRuntime;
  const minor = (version) => Number(version.split('.')[1]);
  if (!here || minor(here) < minor(wanted)) {
    return { problem: `openclaw: the binary wants glibc ${wanted} (Debian 12, Ubuntu 24.04 or newer), and this machine\n`
      + `has ${here ? `glibc ${here}` : 'another C library'}. Build openclaw from its source, or run it in a container.` };
  }
  return { binary: require('path').join(manifest, '..', 'bin', 'openclaw') };
}

module.exports = { locate };
