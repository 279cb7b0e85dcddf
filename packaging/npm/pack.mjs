// Makes the npm packages from a built binary. See --help.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync,
  rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const usage = `usage: node packaging/npm/pack.mjs BINARY FOLDER

Writes two packages into FOLDER: openclaw-linux-<x64|arm64>-<version>.tgz with the binary and the
libraries that it is linked with, and openclaw-<version>.tgz, which depends on whatever of the former
lie in FOLDER and finds the one for its machine. Wants patchelf, strip, objdump and npm.

example: node packaging/npm/pack.mjs build/release/openclaw build/npm
`;

const text = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' });
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

// The C library is the machine's own; everything else comes along.
const ofTheMachine = /^(linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|resolv)\.so)/;

function librariesOf(binary) {
  const lines = text('ldd', binary).split('\n').map((line) => line.trim());
  const missing = lines.find((line) => line.includes('not found'));
  if (missing) throw new Error(`${binary} does not run here: ${missing}`);
  return lines.map((line) => line.match(/^(\S+) => (\/\S+)/)).filter(Boolean)
    .map(([, name, path]) => ({ name, path })).filter(({ name }) => !ofTheMachine.test(name));
}

// The newest symbol that any of these files takes from the C library: what a machine has to have.
function glibcOf(files) {
  const versions = files.flatMap((file) => text('objdump', '-T', file).match(/GLIBC_2\.(\d+)/g) ?? [])
    .map((name) => Number(name.split('.')[1]));
  return `2.${Math.max(...versions)}`;
}

function licence(path, folder) {
  const places = [path, realpathSync(path)].flatMap((p) => [p, p.replace(/^\/usr/, '')]);
  for (const place of places) {
    let owner;
    try {
      owner = execFileSync('dpkg', ['-S', place], { encoding: 'utf8', stdio: 'pipe' }).split(':')[0];
    } catch {
      continue;   // dpkg knows a file by one of its names only
    }
    copyFileSync(`/usr/share/doc/${owner}/copyright`, join(folder, `${owner}.txt`));
    return;
  }
  throw new Error(`no Debian package has ${path}: its licence is not known, so it cannot be handed on`);
}

function packed(folder, out) {
  text('npm', 'pack', '--silent', '--pack-destination', out, folder);
}

function platformPackage(binary, version, work, out) {
  const platform = `linux-${process.arch}`;
  const folder = join(work, platform);
  for (const sub of ['bin', 'lib', 'licenses']) mkdirSync(join(folder, sub), { recursive: true });
  const program = join(folder, 'bin', 'openclaw');
  copyFileSync(binary, program);
  chmodSync(program, 0o755);
  text('strip', program);
  const files = [program];
  for (const { name, path } of librariesOf(binary)) {
    const file = join(folder, 'lib', name);
    copyFileSync(path, file);
    chmodSync(file, 0o644);
    licence(path, join(folder, 'licenses'));
    files.push(file);
  }
  // DT_RPATH and not DT_RUNPATH: it also serves the libraries that need each other.
  text('patchelf', '--force-rpath', '--set-rpath', '$ORIGIN/../lib', program);
  const glibc = glibcOf(files);
  copyFileSync(join(here, '../../LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'README.md'), `The binary of \`openclaw\` for ${platform}, glibc ${glibc} or newer, with the`
    + ' libraries that it is linked with; their licences are in `licenses/`. Install `openclaw` instead.\n');
  writeJson(join(folder, 'package.json'), {
    name: `@openclaw/${platform}`, version, description: `The ${platform} binary of openclaw`, license: 'MIT',
    os: ['linux'], cpu: [process.arch], libc: ['glibc'], openclaw: { glibc }, preferUnplugged: true,
    files: ['bin', 'lib', 'licenses'],
  });
  packed(folder, out);
}

function mainPackage(version, work, out) {
  const folder = join(work, 'openclaw');
  cpSync(join(here, 'openclaw'), folder, { recursive: true });
  copyFileSync(join(here, '../../LICENSE'), join(folder, 'LICENSE'));
  const platforms = readdirSync(out).map((file) => file.match(/^openclaw-(linux-\w+)-(.*)\.tgz$/))
    .filter((m) => m && m[2] === version).map(([, platform]) => platform).sort();
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  writeJson(join(folder, 'package.json'), {
    ...manifest, version,
    optionalDependencies: Object.fromEntries(platforms.map((p) => [`@openclaw/${p}`, version])),
  });
  packed(folder, out);
}

const [binary, out] = process.argv.slice(2);
if (!binary || !out || binary === '--help') {
  (binary === '--help' ? process.stdout : process.stderr).write(usage);
  process.exit(binary === '--help' ? 0 : 2);
}
for (const tool of ['patchelf', 'strip', 'objdump', 'npm']) {
  if (process.env.PATH.split(':').some((folder) => existsSync(join(folder, tool)))) continue;
  console.error(`${tool} is missing. On Debian: apt-get install patchelf binutils npm`);
  process.exit(1);
}
const work = mkdtempSync(join(tmpdir(), 'openclaw-npm-'));
try {
  mkdirSync(out, { recursive: true });
  const { version } = JSON.parse(text(resolve(binary), 'version', '--json'));
  platformPackage(resolve(binary), version, work, resolve(out));
  mainPackage(version, work, resolve(out));
  for (const file of readdirSync(out)) if (file.endsWith(`-${version}.tgz`)) console.log(join(out, basename(file)));
} finally {
  rmSync(work, { recursive: true, force: true });
}
