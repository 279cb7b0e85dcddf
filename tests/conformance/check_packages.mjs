// The packages, made from the binary under test and installed: Debian's and npm's.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { binary, check, freePort, hasProgram, skip } from './harness.mjs';

const folder = await mkdtemp(join(tmpdir(), 'openclaw-packages-'));
const minutes = 5;   // packing an unoptimized binary on a busy machine

// { code, out } with both streams in `out`; a program that fails is not an exception.
function run(program, args, options = {}) {
  return new Promise((done) => {
    execFile(program, args, { maxBuffer: 1 << 26, ...options }, (e, out, err) => {
      done({ code: e ? (e.code ?? 1) : 0, out: out + err });
    });
  });
}

async function must(program, args, options) {
  const { code, out } = await run(program, args, options);
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${out.slice(-2000)}`);
  return out;
}

const version = JSON.parse(await must(binary, ['version', '--json'])).version;

let deb;
async function makeDeb() {
  await must('cpack', ['--config', join(dirname(binary), 'CPackConfig.cmake'), '-B', folder,
    '-D', 'CPACK_DEBIAN_COMPRESSION_TYPE=gzip'], { cwd: dirname(binary) });
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  assert.match(file, new RegExp(`^openclaw_${version.replaceAll('.', '\\.')}_\\w+\\.deb$`));
  deb = join(folder, file);
  const listed = await must('dpkg-deb', ['-c', deb]);
  for (const line of listed.trim().split('\n')) assert.match(line, /^[-dl][rwx-]{9} root\/root /, line);
  const fields = await must('dpkg-deb', ['-f', deb, 'Depends']);
  for (const wanted of ['libc6 ', 'libssl3 ', 'ca-certificates', 'tzdata']) assert.ok(fields.includes(wanted), wanted);
}

async function lintian() {
  const { code, out } = await run('lintian', ['--fail-on', 'error', deb]);
  assert.equal(code, 0, out);
  const known = (await readFile('packaging/deb/lintian-known.txt', 'utf8')).split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const warnings = [...out.matchAll(/^W: openclaw: (\S+)/gm)].map(([, tag]) => tag);
  assert.deepEqual(warnings.filter((tag) => !known.includes(tag)), [], out);
}

const place = join(folder, 'machine');
await mkdir(place);

// Whether this process may mount what install_deb.sh mounts; root of a container often may not.
async function mayMount() {
  const { code } = await run('unshare', ['-m', 'sh', '-ec', `mount -t tmpfs none ${place}
    cd ${place}
    mkdir changes work root
    mount -t overlay none -o lowerdir=/,upperdir=${place}/changes,workdir=${place}/work root`]);
  return code === 0;
}

async function installDeb() {
  const port = String(await freePort());
  const out = await must('unshare', ['-m', 'tests/conformance/install_deb.sh', deb, place, port],
                         { timeout: 180_000, killSignal: 'SIGKILL' });
  assert.match(out, /installed, used, removed and purged/);
}

if (!existsSync(join(dirname(binary), 'CPackConfig.cmake'))) {
  skip('packages: deb', `${dirname(binary)} is no build folder`);
} else {
  await check('packages: cpack makes the .deb', makeDeb, minutes);
  if (!deb) skip('packages: deb is installed', 'there is none');
  else if (!await mayMount()) skip('packages: deb is installed', 'that takes root, and to be allowed to mount an overlay');
  else await check('packages: the .deb is installed, used, removed and purged', installDeb, minutes);
  if (!hasProgram('lintian')) skip('packages: lintian', 'lintian is not installed');
  else if (deb) await check('packages: lintian has no error and no warning that is not explained', lintian, minutes);
}

const npm = { main: join(folder, 'npm', `openclaw-${version}.tgz`),
  platform: join(folder, 'npm', `openclaw-linux-${process.arch}-${version}.tgz`) };
const where = (name) => join(folder, name, 'lib/node_modules');

function install(name, files, ...flags) {
  return run('npm', ['install', '-g', '--prefix', join(folder, name), '--cache', join(folder, 'cache'), '--offline',
    '--no-audit', '--no-fund', ...flags, ...files], { cwd: folder });
}

if (!hasProgram('patchelf')) {
  skip('packages: npm', 'patchelf is not installed');
} else {
  await check('packages: npm packs and installs them without a network', async () => {
    await must(process.execPath, ['packaging/npm/pack.mjs', binary, join(folder, 'npm')]);
    const { code, out } = await install('whole', [npm.platform, npm.main]);
    assert.equal(code, 0, out);
    const command = join(folder, 'whole/bin/openclaw');
    assert.equal(await must(command, ['version']), `openclaw ${version}\n`);
    const magic = (await readFile(command)).subarray(1, 4).toString();
    assert.equal(magic, 'ELF', 'a call starts a Node first');
  }, minutes);
  await check('packages: the npm binary brings its libraries, and their licences', async () => {
    const home = join(where('whole'), `@openclaw/linux-${process.arch}`);
    const libraries = await must('ldd', [join(home, 'bin/openclaw')]);
    const foreign = libraries.split('\n').filter((line) => line.includes('=> ') && !line.includes(home))
      .map((line) => line.trim().split(' ')[0]).filter((name) => !/^lib(c|m|dl|pthread|rt|resolv)\.so/.test(name));
    assert.deepEqual(foreign, []);
    assert.ok((await readdir(join(home, 'licenses'))).length > 5);
  });
  await check('packages: without install scripts the npm command hands over to the binary', async () => {
    const { code, out } = await install('plain', [npm.platform, npm.main], '--ignore-scripts');
    assert.equal(code, 0, out);
    const command = join(folder, 'plain/bin/openclaw');
    assert.match((await readFile(command)).subarray(0, 20).toString(), /^#!.*node/);
    assert.equal(await must(command, ['version']), `openclaw ${version}\n`);
    assert.equal((await run(command, ['helth'])).code, 2);
  });
  await check('packages: without the package of the platform npm says what is missing', async () => {
    const { code, out } = await install('half', [npm.main], '--omit=optional', '--ignore-scripts');
    assert.equal(code, 0, out);
    const said = await run(join(folder, 'half/bin/openclaw'), ['version']);
    assert.equal(said.code, 1);
    assert.match(said.out, /--omit=optional/);
  });
}
await chmod(folder, 0o700);
await rm(folder, { recursive: true, force: true });
