// The frames of the WebSocket protocol (RFC 6455) byte by byte, in the categories of the Autobahn
// test suite and at least as strict: a violation is answered by a close frame with the right code,
// and then the connection ends. What Autobahn has an echo server for is here a request without a
// method: the gateway refuses it with an answer that repeats its id, whatever its size.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { Gateway, check, token } from './harness.mjs';

const patience = 10_000; // ms for one answer; only something that hangs gets there
const silence = `nothing in ${patience} ms`;
const maxEarly = 65_536; // bytes of a message before hello
const maxMessage = 26_214_400;

const continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
const normal = 1000, protocolError = 1002, badPayload = 1007, tooBig = 1009;

const hex = (s) => Buffer.from(s, 'hex');
const show = (bytes) => bytes.toString('hex').replace(/^(.{40}).*(.{8})$/, '$1..$2');
const letters = (n) => randomBytes(n).toString('base64').slice(0, n);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const pieces = (bytes, size) =>
  range(1, Math.ceil(bytes.length / size)).map((i) => bytes.subarray((i - 1) * size, i * size));

// What `promise` gives, or nothing if that takes too long.
function inTime(promise) {
  let timer;
  const limit = new Promise((done) => (timer = setTimeout(done, patience)));
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

// One frame as a client sends it. `length` is what the header says instead of the truth, `form` the
// bytes it says it in: 0, 2 or 8 besides the seven bits.
function frame(op, payload = '', { fin = true, rsv = 0, masked = true, form, length, key } = {}) {
  const data = Buffer.from(payload);
  const said = BigInt(length ?? data.length);
  form ??= said > 65_535n ? 8 : said > 125n ? 2 : 0;
  const start = 2 + form + (masked ? 4 : 0);
  const out = Buffer.allocUnsafe(start + data.length);
  out[0] = (fin ? 0x80 : 0) | (rsv << 4) | op;
  out[1] = (masked ? 0x80 : 0) | (form === 8 ? 127 : form === 2 ? 126 : Number(said));
  if (form === 2) out.writeUInt16BE(Number(said), 2);
  if (form === 8) out.writeBigUInt64BE(said, 2);
  if (!masked) {
    data.copy(out, start);
    return out;
  }
  const mask = key ?? randomBytes(4);
  mask.copy(out, start - 4);
  // Four bytes at a time; the words need a buffer that begins on one.
  const words = new Uint32Array(Math.ceil(data.length / 4));
  const covered = Buffer.from(words.buffer, 0, data.length);
  data.copy(covered);
  const word = new Uint32Array(Uint8Array.from(mask).buffer)[0];
  for (let i = 0; i < words.length; i++) words[i] ^= word;
  covered.copy(out, start);
  return out;
}

// A message in fragments with these payloads.
function fragments(op, parts) {
  return parts.map((part, i) => frame(i === 0 ? op : continuation, part,
                                      { fin: i === parts.length - 1 }));
}

function closing(code, reason = '') {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(close, Buffer.concat([head, Buffer.from(reason)]));
}

// A message of `size` bytes that comes back, and what comes back.
function echo(size = 125) {
  const id = letters(size - Buffer.byteLength(JSON.stringify({ type: 'req', id: '' })));
  return { message: Buffer.from(JSON.stringify({ type: 'req', id })), id };
}

// A true request of `size` bytes, and its id, which stands at the end.
function health(size) {
  const id = letters(32);
  const request = (pad) => JSON.stringify({ type: 'req', method: 'health', params: { pad }, id });
  const pad = letters(3 * 1024).repeat(Math.ceil(size / 3072));
  return { message: Buffer.from(request(pad.slice(0, size - request('').length))), id, ok: true };
}

// The frames of the server, each held against what a server may send.
class Decoder {
  chunks = [];
  size = 0;
  message = null; // the fragments so far
  closed = false;

  add(bytes) {
    this.chunks.push(bytes);
    this.size += bytes.length;
  }
  // The first `n` bytes, which stay; nothing if they are not here yet.
  peek(n) {
    if (this.size < n) return null;
    if (this.chunks[0].length < n) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0].subarray(0, n);
  }
  next() {
    let head = this.peek(2);
    if (!head) return null;
    const [first, second] = head;
    const op = first & 15;
    const form = second === 127 ? 8 : second === 126 ? 2 : 0;
    head = this.peek(2 + form);
    if (!head) return null;
    const length = form === 8 ? Number(head.readBigUInt64BE(2)) : form === 2 ? head.readUInt16BE(2)
                                                                             : second;
    assert.ok(!this.closed, `a frame came after the close frame: ${show(head)}`);
    assert.ok(second < 128, `the server masked its frame: ${show(head)}`);
    assert.equal(first & 0x70, 0, `the server set a reserved bit: ${show(head)}`);
    assert.ok(length > { 0: -1, 2: 125, 8: 65_535 }[form],
              `the server wasted bytes on a length: ${show(head)}`);
    const whole = this.peek(2 + form + length);
    if (!whole) return null;
    this.chunks[0] = this.chunks[0].subarray(whole.length);
    this.size -= whole.length;
    return this.take(op, first >= 128, whole.subarray(2 + form));
  }
  take(op, fin, payload) {
    if (op >= close) {
      assert.ok(fin && payload.length <= 125, 'the server sent a control frame too large');
      if (op === ping) return { what: 'ping', payload };
      if (op === pong) return { what: 'pong', payload };
      assert.equal(op, close, `the server sent the reserved opcode ${op}`);
      assert.notEqual(payload.length, 1, 'the server sent a close frame with half a code');
      this.closed = true;
      return { what: 'close', code: payload.length > 0 ? payload.readUInt16BE(0) : null,
               reason: utf8.decode(payload.subarray(2)) };
    }
    assert.equal(op === continuation, this.message !== null, 'the server mixed up its fragments');
    assert.ok(op <= text, `the server sent a message with the opcode ${op}`);
    this.message = [...(this.message ?? []), payload];
    if (!fin) return this.next();
    const body = utf8.decode(Buffer.concat(this.message));
    this.message = null;
    return { what: 'message', body: JSON.parse(body) };
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true });

const describe = ({ what, code, payload, body }) =>
  what === 'message' ? (body.id?.length > 16 ? 'another answer' : `an answer to ${body.id}`)
  : payload ? `${what} ${show(payload)}` : `${what} ${code ?? ''}`.trim();

// A client that does what it is told, right or wrong.
class Wire {
  decoder = new Decoder();
  events = []; // what came: messages, pongs, a close frame, the connection's end or failure
  over = false; // the end of the connection was what the case was about

  static async open(headers = []) {
    const w = new Wire();
    const { port } = gateway;
    w.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const key = randomBytes(16).toString('base64');
    w.socket.write(['GET / HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Upgrade: websocket',
                    'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13',
                    ...headers, '', ''].join('\r\n'));
    let head = Buffer.alloc(0);
    w.socket.on('error', (e) => w.came({ what: 'failure', code: e.code }));
    w.socket.on('end', () => w.came({ what: 'end' }));
    while (!head.includes('\r\n\r\n')) {
      const [bytes] = await once(w.socket, 'data', { signal: AbortSignal.timeout(patience) });
      head = Buffer.concat([head, bytes]);
    }
    const end = head.indexOf('\r\n\r\n') + 4;
    w.head = head.toString('latin1', 0, end);
    assert.match(w.head, /^HTTP\/1\.1 101 /);
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    assert.ok(w.head.includes(accept.digest('base64')), `not for this key: ${w.head}`);
    w.read(head.subarray(end));
    w.socket.on('data', (bytes) => w.read(bytes));
    await w.expect('message', (e) => e.body.event === 'connect.challenge', true);
    return w;
  }

  static async greeted(headers) {
    const w = await Wire.open(headers);
    w.send(frame(text, hello()));
    await w.welcomed();
    return w;
  }

  read(bytes) {
    this.decoder.add(bytes);
    try {
      for (let event = this.decoder.next(); event; event = this.decoder.next()) this.came(event);
    } catch (e) {
      this.came({ what: e.message });
    }
  }
  came(event) {
    this.events.push(event);
    this.wake?.();
  }
  // The next thing that came; events and pings of the gateway do not count.
  async next(withEvents = false) {
    for (;;) {
      if (this.events.length === 0) {
        await inTime(new Promise((done) => (this.wake = done)));
        if (this.events.length === 0) return { what: silence };
      }
      const event = this.events.shift();
      if (event.what === 'ping') this.send(frame(pong, event.payload));
      else if (withEvents || event.body?.type !== 'event') return event;
    }
  }

  send(...frames) {
    if (this.socket.writable) this.socket.write(Buffer.concat(frames));
  }
  // The same in many writes, each as soon as the one before is out, until the gateway closes.
  async chop(size, ...frames) {
    for (const piece of pieces(Buffer.concat(frames), size)) {
      if (this.decoder.closed) return;
      this.send(piece);
      await setImmediate();
    }
  }
  // One write, until the system has taken all of it.
  async push(bytes) {
    const taken = new Promise((done) => this.socket.write(bytes, (e) => done(e?.code ?? 'taken')));
    const outcome = await inTime(taken);
    assert.ok(outcome === 'taken', `${outcome ?? silence} came of sending on`);
  }
  // Two writes, the second not before the gateway has read the first: a ping is in the same packet
  // in front of it. `first` has to be short, and not to begin inside of a frame.
  async split(first, second) {
    const mark = randomBytes(8);
    this.send(frame(ping, mark), first);
    await this.ponged(mark);
    this.send(second);
  }

  async expect(what, test, withEvents) {
    const event = await this.next(withEvents);
    assert.ok(event.what === what && test(event), `${describe(event)} came instead of ${what}`);
    return event;
  }
  async answered({ id, ok = false }) {
    await this.expect('message', ({ body }) =>
      body.type === 'res' && body.id === id && body.ok === ok);
  }
  async welcomed() {
    await this.expect('message', ({ body }) =>
      body.id === 'hello' && body.payload.type === 'hello-ok');
  }
  async ponged(payload = '') {
    await this.expect('pong', (e) => e.payload.equals(Buffer.from(payload)));
  }
  // Answers to messages and pings that were sent together: each kind in its order.
  async all(echoes, pings) {
    const messages = [...echoes];
    const marks = pings.map((p) => Buffer.from(p));
    while (messages.length + marks.length > 0) {
      const event = await this.next();
      if (event.what === 'message' && event.body.id === messages[0]?.id) messages.shift();
      else if (event.what === 'pong' && marks[0]?.equals(event.payload)) marks.shift();
      else assert.fail(`${describe(event)} came instead of an answer or a pong`);
    }
  }
  // The gateway closes with one of `codes`, and ends the connection.
  async closes(...codes) {
    this.over = true;
    const event = await this.next();
    assert.ok(event.what === 'close', `${describe(event)} came instead of close ${codes}`);
    const { code } = event;
    assert.ok(codes.includes(code), `close ${code} came instead of ${codes.join(' or ')}`);
    // To a connection that has ended an answer must not be written: that would hide its end.
    await setImmediate();
    await setImmediate();
    if (this.events.length === 0) this.send(code === null ? frame(close) : closing(code));
    const end = await this.next();
    assert.ok(end.what === 'end', `${describe(end)} came after close ${code} instead of the end`);
  }
  // The connection is as good as new.
  async stays() {
    const last = echo();
    this.send(frame(text, last.message));
    await this.answered(last);
    this.send(closing(normal));
    await this.closes(normal);
  }
}

const hello = (size = 0) => JSON.stringify({
  type: 'req', id: 'hello', method: 'connect',
  params: {
    minProtocol: 4, maxProtocol: 4, role: 'operator', scopes: ['operator.admin'],
    client: { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' }, auth: { token },
  },
}).padEnd(size);

// Runs `cases`, each [title, body, how it begins], some at a time, each on a connection of its own.
// One that says nothing of the end of its connection must leave it usable. A gateway that keeps
// silent where it should speak is not asked all of them.
async function category(name, cases, together = 8) {
  let passed = false;
  await check(`framing: ${name}, ${cases.length} cases`, async () => {
    const failures = new Map(); // what went wrong, and where
    const rest = cases.values();
    let silences = 0;
    const worker = async () => {
      for (const [title, body, begin = Wire.greeted] of rest) {
        if (silences >= together) return;
        let w;
        try {
          w = await begin();
          await body(w);
          if (!w.over) await w.stays();
        } catch (e) {
          failures.set(e.message, [...(failures.get(e.message) ?? []), title]);
          if (e.message.startsWith(silence)) silences++;
        }
        w?.socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: together }, worker));
    const shown = [...failures].map(([what, where]) =>
      `${what}, ${where.length} times: ${where.slice(0, 4).join('; ')}`);
    assert.ok(failures.size === 0, shown.join(' | '));
    passed = true;
  });
  if (!passed) process.exitCode = 1;
}

const early = () => Wire.open();

// A case in which these frames, sent at once, end the connection with one of `codes`.
const fatal = (title, frames, ...codes) => [title, async (w) => {
  w.send(...[frames].flat());
  await w.closes(...codes);
}];
// The same after a message that has been answered. The frame behind must not be looked at.
const tooLate = frame(ping, 'too late');
const fatalLater = (title, bad, ...codes) => [`${title} after an answer`, async (w) => {
  const good = echo();
  w.send(frame(text, good.message));
  await w.answered(good);
  w.send(bad, tooLate);
  await w.closes(...codes);
}];

const gateway = await Gateway.start();

const kinds = [['text', text], ['binary', binary]];

await category('1 payloads', kinds.flatMap(([kind, op]) => [
  [`${kind} of 0 bytes`, async (w) => w.send(frame(op))],
  [`${kind} of 0 bytes byte by byte`, async (w) => w.chop(1, frame(op))],
  ...[125, 126, 127, 128, 65_535, 65_536, 65_537].flatMap((size) =>
    [Infinity, 997, size < 1000 ? 1 : 4093].map((chop) => [
      `${kind} of ${size} bytes in writes of ${chop}`, async (w) => {
        const e = echo(size);
        await w.chop(Math.min(chop, size + 14), frame(op, e.message));
        await w.answered(e);
      }])),
  [`${kind} with a request of 65536 bytes`, async (w) => {
    const request = health(65_536);
    w.send(frame(op, request.message));
    await w.answered(request);
  }],
  [`${kind} with a mask of zeros`, async (w) => {
    const e = echo(300);
    w.send(frame(op, e.message, { key: Buffer.alloc(4) }));
    await w.answered(e);
  }],
  [`${kind}, ten in one write`, async (w) => {
    const sent = range(120, 129).map(echo);
    w.send(...sent.map((e) => frame(op, e.message)));
    await w.all(sent, []);
  }],
  ...[[125, 6], [126, 8], [65_536, 14]].flatMap(([size, header]) =>
    range(1, header + 1).map((at) => [
      `${kind} of ${size} bytes read up to byte ${at}`, async (w) => {
        const e = echo(size);
        const whole = frame(op, e.message);
        await w.split(whole.subarray(0, at), whole.subarray(at));
        await w.answered(e);
      }])),
]));

const binaryMark = hex('00fffefdfcfb00ff');
const tenMarks = range(0, 9).map((i) => `mark ${i}`);
await category('2 pings and pongs', [
  ...[['no payload', ''], ['a text', 'Hello, world!'], ['a binary payload', binaryMark],
      ['125 bytes', randomBytes(125)]].flatMap(([title, payload]) => [
    [`ping with ${title}`, async (w) => {
      w.send(frame(ping, payload));
      await w.ponged(payload);
    }],
    [`ping with ${title} byte by byte`, async (w) => {
      await w.chop(1, frame(ping, payload));
      await w.ponged(payload);
    }],
    [`ping with ${title} before hello`, async (w) => {
      w.send(frame(ping, payload), frame(text, hello()));
      await w.ponged(payload);
      await w.welcomed();
    }, early],
    [`pong with ${title} that nobody asked for`, async (w) => {
      w.send(frame(pong, payload), frame(ping, 'after it'));
      await w.ponged('after it');
    }],
  ]),
  ...range(1, 11).map((at) => [`ping read up to byte ${at}`, async (w) => {
    const whole = frame(ping, 'marked');
    await w.split(whole.subarray(0, at), whole.subarray(at));
    await w.ponged('marked');
  }]),
  fatal('ping with 126 bytes', frame(ping, randomBytes(126)), protocolError),
  fatal('ping that says 65536 bytes', frame(ping, '', { length: 65_536 }), protocolError),
  fatal('ping that says 126 bytes', frame(ping, '', { length: 126 }), protocolError),
  fatal('pong with 126 bytes', frame(pong, randomBytes(126)), protocolError),
  ['ping with 126 bytes byte by byte', async (w) => {
    await w.chop(1, frame(ping, randomBytes(126)));
    await w.closes(protocolError);
  }],
  ['ten pings in one write', async (w) => {
    w.send(...tenMarks.map((mark) => frame(ping, mark)));
    await w.all([], tenMarks);
  }],
  ['ten pings byte by byte', async (w) => {
    await w.chop(1, ...tenMarks.map((mark) => frame(ping, mark)));
    await w.all([], tenMarks);
  }],
  ['pings between messages', async (w) => {
    const sent = tenMarks.map(() => echo());
    w.send(...sent.flatMap((e, i) => [frame(text, e.message), frame(ping, tenMarks[i])]));
    await w.all(sent, tenMarks);
  }],
  ['pings, pongs and messages in writes of 7', async (w) => {
    const sent = tenMarks.map(() => echo());
    await w.chop(7, ...sent.flatMap((e, i) => [frame(pong, tenMarks[i]), frame(text, e.message),
                                              frame(ping, tenMarks[i])]));
    await w.all(sent, tenMarks);
  }],
]);

const everyKind = [...kinds, ['ping', ping], ['pong', pong], ['close', close]];
await category('3 reserved bits', [
  ...range(1, 7).flatMap((rsv) => [
    ...everyKind.flatMap(([kind, op]) => [
      fatal(`${kind} with RSV bits ${rsv}`, frame(op, '', { rsv }), protocolError),
      fatal(`${kind} with RSV bits ${rsv} and a payload`, frame(op, hex('03e8'), { rsv }),
            protocolError),
    ]),
    fatal(`RSV bits ${rsv} in a first fragment`, frame(text, 'x', { rsv, fin: false }),
          protocolError),
    fatal(`RSV bits ${rsv} in a second fragment`,
          [frame(text, 'x', { fin: false }), frame(continuation, 'y', { rsv })], protocolError),
    fatalLater(`RSV bits ${rsv}`, frame(text, echo().message, { rsv }), protocolError),
    fatalLater(`ping with RSV bits ${rsv}`, frame(ping, 'x', { rsv }), protocolError),
  ]),
]);

await category('4 reserved opcodes', [...range(3, 7), ...range(11, 15)].flatMap((op) => [
  fatal(`opcode ${op}`, frame(op), protocolError),
  fatal(`opcode ${op} with a payload`, frame(op, 'reserved payload'), protocolError),
  fatal(`opcode ${op} that says 65536 bytes`, frame(op, 'x', { length: 65_536 }), protocolError),
  fatal(`opcode ${op} as a fragment`, frame(op, 'x', { fin: false }), protocolError),
  fatal(`opcode ${op} inside of a message`, [frame(text, 'x', { fin: false }), frame(op)],
        protocolError),
  fatalLater(`opcode ${op}`, frame(op), protocolError),
  fatalLater(`opcode ${op} with a payload`, frame(op, 'reserved payload'), protocolError),
]));

// A message in fragments, in the three ways in which it can be written.
const written = (title, make) => [['in one write', Infinity], ['in writes of 7', 7],
                                  ['byte by byte', 1]].map(([how, size]) => [
  `${title} ${how}`, async (w) => {
    const { frames, echoes = [], pongs = [], code } = make();
    if (size === Infinity) w.send(...frames);
    else await w.chop(size, ...frames);
    await w.all(echoes, pongs);
    if (code) await w.closes(code);
  }]);
const cut = (e, ...at) => [0, ...at].map((from, i) => e.message.subarray(from, at[i]));

await category('5 fragments', [
  ...kinds.flatMap(([kind, op]) => [
    ...[2, 3, 5, 125].flatMap((n) => written(`${kind} in ${n} fragments`, () => {
      const e = echo();
      return { frames: fragments(op, pieces(e.message, Math.ceil(125 / n))), echoes: [e] };
    })),
    ...written(`${kind} with a ping between`, () => {
      const e = echo();
      const [a, b] = fragments(op, cut(e, 60));
      return { frames: [a, frame(ping, 'between'), b], echoes: [e], pongs: ['between'] };
    }),
    ...written(`${kind} with pings and pongs between all fragments`, () => {
      const e = echo();
      const parts = fragments(op, pieces(e.message, 25));
      return { frames: parts.flatMap((f, i) => [frame(ping, tenMarks[i]), f, frame(pong, 'x')]),
               echoes: [e], pongs: tenMarks.slice(0, 5) };
    }),
    [`${kind}, pings answered before its end`, async (w) => {
      const e = echo();
      for (const part of fragments(op, pieces(e.message, 25))) {
        const mark = randomBytes(125);
        w.send(frame(ping, mark), part);
        await w.ponged(mark);
      }
      await w.answered(e);
    }],
    ...[[0], [60, 60], [125], [0, 0, 60, 60, 60, 125, 125]].flatMap((at) =>
      written(`${kind} with empty fragments, cut at ${at}`, () => {
        const e = echo();
        return { frames: fragments(op, cut(e, ...at)), echoes: [e] };
      })),
    ...written(`${kind} of empty fragments only`, () => ({ frames: fragments(op, ['', '', '']) })),
    ...written(`${kind} of empty fragments and a ping`, () => {
      const [a, b] = fragments(op, ['', '']);
      return { frames: [a, frame(ping, 'between'), b], pongs: ['between'] };
    }),
    ...[125, 126, 65_535, 65_536].map((size) => [`${kind} in fragments of ${size}`, async (w) => {
      const e = echo(3 * size);
      w.send(...fragments(op, pieces(e.message, size)));
      await w.answered(e);
    }]),
    ...range(1, 7).map((at) => [`${kind}, second fragment read up to byte ${at}`, async (w) => {
      const e = echo();
      const [a, b] = fragments(op, cut(e, 60));
      w.send(a);
      await w.split(b.subarray(0, at), b.subarray(at));
      await w.answered(e);
    }]),
    ...kinds.flatMap(([other, otherOp]) => written(`${other} inside of ${kind}`, () => ({
      frames: [frame(op, 'x', { fin: false }), frame(otherOp, 'y')], code: protocolError,
    }))),
    ...written(`first fragment inside of ${kind}`, () => ({
      frames: [frame(op, 'x', { fin: false }), frame(op, 'y', { fin: false })], code: protocolError,
    })),
    ...[true, false].map((fin) => [
      `continuation of nothing after ${kind}, end ${fin}`, async (w) => {
        const e = echo();
        w.send(...fragments(op, cut(e, 60)));
        await w.answered(e);
        w.send(frame(continuation, 'x', { fin }), tooLate);
        await w.closes(protocolError);
      }]),
  ]),
  ...[true, false].flatMap((fin) => ['', 'x'].flatMap((payload) =>
    written(`continuation of nothing, end ${fin}, payload '${payload}'`, () => ({
      frames: [frame(continuation, payload, { fin }), frame(text, echo().message)],
      code: protocolError,
    })))),
  ...[['ping', ping], ['pong', pong], ['close', close]].flatMap(([kind, op]) => [
    ...written(`${kind} in two fragments`, () => ({
      frames: fragments(op, [hex('03e8'), 'x']), code: protocolError,
    })),
    ...written(`${kind} as an empty fragment inside of a message`, () => ({
      frames: [frame(text, 'x', { fin: false }), frame(op, '', { fin: false })],
      code: protocolError,
    })),
  ]),
]);

// A message that came whole is answered before the connection fails for what came behind it (3.2 to
// 3.4, 4.1.3 to 4.2.5, 5.15); Autobahn calls a server that loses the answer "non-strict".
await category('3 to 5, a message in front of a violation', [
  ...range(1, 7).flatMap((rsv) => [
    [`RSV bits ${rsv}`, frame(text, echo().message, { rsv })],
    [`ping with RSV bits ${rsv}`, frame(ping, 'x', { rsv })],
  ]),
  ...[...range(3, 7), ...range(11, 15)].flatMap((op) => [
    [`opcode ${op}`, frame(op)],
    [`opcode ${op} with a payload`, frame(op, 'reserved payload')],
  ]),
  ...[true, false].map((fin) =>
    [`continuation of nothing, end ${fin}`, frame(continuation, 'x', { fin })]),
  ['no mask', frame(text, echo().message, { masked: false })],
  ['a ping of 126 bytes', frame(ping, letters(126))],
  ['no UTF-8', frame(text, hex('ff'))],
].flatMap(([title, bad]) => written(title, () => {
  const [a, b] = [echo(), echo()];
  return { frames: [frame(text, a.message), ...fragments(text, cut(b, 60)), bad, tooLate],
           echoes: [a, b], code: title === 'no UTF-8' ? badPayload : protocolError };
})));

// Where `bytes` stop to be UTF-8: the first byte that cannot be right, their end if they break off
// within a character, -1 if they are whole.
function badAt(bytes) {
  let need = 0, low = 0x80, high = 0xbf;
  for (const [i, b] of bytes.entries()) {
    if (need > 0) {
      if (b < low || b > high) return i;
      [need, low, high] = [need - 1, 0x80, 0xbf];
    } else if (b >= 0x80) {
      if (b < 0xc2 || b > 0xf4) return i;
      need = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
      low = { 0xe0: 0xa0, 0xf0: 0x90 }[b] ?? 0x80;
      high = { 0xed: 0x9f, 0xf4: 0x8f }[b] ?? 0xbf;
    }
  }
  return need > 0 ? bytes.length : -1;
}

const greek = Buffer.from('κόσμε');
const edited = Buffer.from('edited');
const valid = [
  greek, Buffer.from('hello$world'), Buffer.from('hello¢world'), Buffer.from('hello€world'),
  ...['f0a4ada2', '7f', 'c280', 'dfbf', 'e0a080', 'efbfbf', 'f0908080', 'f48fbfbf', 'ed9fbf',
      'ee8080', 'efbfbd', 'efbfbe', 'efbfb9'].map(hex),
  ...['f09f', 'f0af', 'f0bf', 'f18f', 'f29f', 'f3bf', 'f48f'].flatMap((plane) =>
    ['be', 'bf'].map((last) => hex(`${plane}bf${last}`))),
];
const invalid = [
  // lone continuation bytes
  '80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', Buffer.from(range(0x80, 0xbf)),
  // first bytes that nothing follows
  ...[range(0xc0, 0xdf), range(0xe0, 0xef), range(0xf0, 0xf7), range(0xf8, 0xfb), [0xfc, 0xfd]]
    .flatMap((heads) => [heads, heads.slice(-1)])
    .map((heads) => Buffer.from(heads.flatMap((b) => [b, 0x20]))),
  // the last byte is missing
  'c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf',
  'fdbfbfbfbf', 'c2', 'e1', 'e188', 'f1', 'f188', 'f18888', 'f48fbf',
  'c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf',
  // bytes that no character has
  'fe', 'ff', 'fefeffff', 'f5', 'f5808080', 'f6', 'f7', 'f7bfbfbf', 'f888808080', 'fbbfbfbfbf',
  'fc8480808080', 'fdbfbfbfbfbf',
  // overlong
  'c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af', 'c1bf', 'e09fbf', 'f08fbfbf',
  'f887bfbfbf', 'fc83bfbfbfbf', 'c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080',
  // surrogates
  'eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf', 'eda080edb080',
  'edafbfedbfbf',
  // beyond U+10FFFF
  'f4908080', 'f490bfbf', 'f4bfbfbf',
  // a wrong byte in the middle
  'c241', 'c2c280', 'e18841', 'e1c280', 'f1888841', 'f188c280', 'f1c28080',
].map((s) => (typeof s === 'string' ? hex(s) : s))
  .concat(range(1, greek.length - 1).map((n) => greek.subarray(0, n)).filter((s) => badAt(s) >= 0));
assert.ok(valid.every((s) => badAt(s) < 0) && invalid.every((s) => badAt(s) >= 0));

const around = (s) => Buffer.concat([Buffer.from('{"type":"req","id":"'), s, Buffer.from('"}')]);
const behind = (n, s) => Buffer.concat([Buffer.alloc(n, 'x'), s]);
const octets = (s) => pieces(s, 1);

await category('6 UTF-8', [
  ...valid.flatMap((s) => {
    const whole = { message: around(s), id: s.toString() };
    return [
      [`valid ${show(s)}`, async (w) => w.send(frame(text, s))],
      [`valid ${show(s)} in a request`, async (w) => {
        w.send(frame(text, whole.message));
        await w.answered(whole);
      }],
      [`valid ${show(s)} in a request in fragments of one byte`, async (w) => {
        w.send(...fragments(text, octets(whole.message)));
        await w.answered(whole);
      }],
      [`valid ${show(s)} in a request byte by byte`, async (w) => {
        await w.chop(1, frame(text, whole.message));
        await w.answered(whole);
      }],
      [`valid ${show(s)} in fragments cut everywhere, with pings`, async (w) => {
        for (const at of range(1, s.length - 1)) {
          const [a, b] = fragments(text, cut(whole, 20 + at));
          await w.split(a, b);
          await w.answered(whole);
        }
      }],
      [`valid ${show(s)} read up to everywhere`, async (w) => {
        for (const at of range(1, s.length - 1)) {
          const f = frame(text, whole.message);
          await w.split(f.subarray(0, 26 + at), f.subarray(26 + at));
          await w.answered(whole);
        }
      }],
    ];
  }),
  ...invalid.flatMap((s) => {
    const at = badAt(s);
    const cases = [
      fatal(`${show(s)}`, frame(text, s), badPayload),
      fatal(`${show(s)} in a request`, frame(text, around(s)), badPayload),
      fatal(`${show(s)} behind 4000 bytes`, frame(text, behind(4000, s)), badPayload),
      fatal(`${show(s)} in fragments of one byte`, fragments(text, octets(s)), badPayload),
      [`${show(s)} byte by byte`, async (w) => {
        await w.chop(1, frame(text, s));
        await w.closes(badPayload);
      }],
      [`${show(s)} in binary is no text`, async (w) => w.send(frame(binary, s))],
    ];
    if (at === s.length) {
      cases.push(
        fatal(`${show(s)} and a fragment that does not go on with it`,
              [...fragments(text, [s, 'x', 'y']).slice(0, 2)], badPayload));
    } else {
      cases.push(
        fatal(`${show(s)} in an unfinished first fragment`, frame(text, s, { fin: false }),
              badPayload),
        [`${show(s)}, unfinished, noticed at byte ${at}`, async (w) => {
          w.send(frame(text, greek, { fin: false }));
          await w.split(frame(continuation, s.subarray(0, at), { fin: false }),
                        frame(continuation, s.subarray(at, at + 1), { fin: false }));
          await w.closes(badPayload);
        }]);
    }
    return cases;
  }),
  // A checker may look at several bytes at a time.
  ...range(0, 40).flatMap((n) => [
    fatal(`ff behind ${n} bytes`, frame(text, behind(n, hex('ff6564697465'))), badPayload),
    fatal(`c2 at the end behind ${n} bytes`, frame(text, behind(n, hex('c2'))), badPayload),
    [`characters behind ${n} bytes`, async (w) => {
      const id = 'x'.repeat(n) + 'a¢€𝄞'.repeat(5);
      w.send(frame(text, around(Buffer.from(id))));
      await w.answered({ id });
    }],
  ]),
  [`characters in 300000 bytes in writes of 1021`, async (w) => {
    const id = 'a¢€𝄞'.repeat(30_000);
    await w.chop(1021, frame(text, around(Buffer.from(id))));
    await w.answered({ id });
  }],
  ['text after binary that breaks off within a character', async (w) => {
    w.send(frame(binary, hex('e188')), ...fragments(binary, [hex('f1'), hex('88')]));
  }],
]);

// A text that breaks off within a character, and whose end is a fragment without a byte.
await category('6 UTF-8, broken off before an empty last fragment',
               invalid.filter((s) => badAt(s) === s.length).flatMap((s) => [
  fatal(show(s), [...fragments(text, [s, '']), tooLate], badPayload),
  fatal(`${show(s)} and more empty fragments`, [...fragments(text, [s, '', '', '']), tooLate],
        badPayload),
  fatal(`${show(s)} behind 4000 bytes`,
        [...fragments(text, [Buffer.alloc(4000, 'x'), s, '']), tooLate], badPayload),
]));

// Inside of one frame Autobahn (6.4.3, 6.4.4) takes a late failure too; that it comes is a must.
const wrongInside = invalid.filter((s) => badAt(s) < s.length);
let late = 0;
await category('6 UTF-8, a part of one frame', wrongInside.map((s) => [show(s), async (w) => {
  const whole = frame(text, Buffer.concat([greek, s, edited]));
  w.send(whole.subarray(0, -edited.length));
  // The rest, for a server that waits for it.
  const rest = setTimeout(() => {
    late++;
    w.send(whole.subarray(-edited.length));
  }, 500);
  await w.closes(badPayload).finally(() => clearTimeout(rest));
}]));
console.log(`NOTE framing: ${wrongInside.length - late} of ${wrongInside.length} such texts were ` +
            'refused before their frame was whole');

const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const eitherWay = (codes, code) => codes.flatMap((c) => [
  fatal(`code ${c}`, closing(c), code ?? c),
  fatal(`code ${c} with a reason`, closing(c, 'x'), code ?? c),
]);
await category('7 closing', [
  fatal('close without a payload', frame(close), null, normal),
  fatal('close with 1000', closing(normal), normal),
  fatal('close with 1000 and a reason', closing(normal, 'good bye'), normal),
  fatal('close with a reason of 123 bytes', closing(normal, letters(123)), normal),
  fatal('close with a reason of 123 bytes in characters', closing(normal, '€'.repeat(41)), normal),
  ...[closing(normal, letters(123)), frame(close)].flatMap((f) => [
    [`close of ${f.length} bytes byte by byte`, async (w) => {
      await w.chop(1, f);
      await w.closes(null, normal);
    }],
    ...range(1, 8).filter((at) => at < f.length).map((at) => [
      `close of ${f.length} bytes read up to byte ${at}`, async (w) => {
        await w.split(f.subarray(0, at), f.subarray(at));
        await w.closes(null, normal);
      }])]),
  [`close before hello`, async (w) => {
    w.send(closing(normal));
    await w.closes(normal);
  }, early],
  fatal('close with a payload of one byte', frame(close, hex('03')), protocolError),
  fatal('close with a payload of 126 bytes', closing(normal, letters(124)), protocolError),
  ...eitherWay(validCodes),
  ...eitherWay(invalidCodes, protocolError),
  fatal('a message behind close', [closing(normal), frame(text, echo().message)], normal),
  fatal('a ping behind close', [closing(normal), frame(ping, 'too late')], normal),
  fatal('a second close', [closing(normal), closing(3000)], normal),
  fatal('a wrong frame behind close', [closing(normal), frame(text, 'x', { rsv: 7 })], normal),
  fatal('close inside of a message',
        [frame(text, 'x', { fin: false }), closing(normal), frame(continuation, 'y')], normal),
  ['close after an answer', async (w) => {
    const e = echo();
    w.send(frame(text, e.message));
    await w.answered(e);
    w.send(closing(3000, 'done'));
    await w.closes(3000);
  }],
  // Whether the answer comes is up to the server (7.1.6).
  ['256 KB, close and ping in one write', async (w) => {
    w.send(frame(text, health(256 * 1024).message), closing(normal), frame(ping, 'too late'));
    const first = await w.next();
    if (first.what !== 'message') w.events.unshift(first);
    await w.closes(normal);
  }],
  ['the connection is ended without close', async (w) => {
    w.socket.end();
    w.over = true;
    await w.expect('end', () => true);
  }],
  ['the connection is ended within a frame', async (w) => {
    w.socket.end(frame(text, echo().message).subarray(0, 50));
    w.over = true;
    await w.expect('end', () => true);
  }],
]);

// As Autobahn (7.5.1) has it, a protocol error is right as well.
await category('7 closing, a reason that is not UTF-8', invalid.map((s) =>
  fatal(show(s), closing(normal, s.subarray(0, 123)), badPayload, protocolError)));
// RFC 6455 (7.4.2) gives no meaning to a code over 4999; like Autobahn (7.13), take either answer.
await category('7 closing, codes over 4999', [5000, 65_535].map((c) =>
  fatal(`code ${c}`, closing(c), c, protocolError)));

const kilo = 1024, mega = 1024 * 1024;
const sized = (title, op, size, fragment, chop) => [title, async (w) => {
  const sent = size > mega ? health(size) : echo(size);
  const frames = fragments(op, pieces(sent.message, fragment));
  if (chop) await w.chop(chop, ...frames);
  else w.send(...frames);
  await w.answered(sent);
}];
await category('9 sizes', [
  ...kinds.flatMap(([kind, op]) => [
    ...[64 * kilo, 256 * kilo, mega, 4 * mega, 8 * mega, 16 * mega].map((size) =>
      sized(`${kind} of ${size} bytes`, op, size, size)),
    ...[[64, mega], [256, mega], [kilo, 4 * mega], [4 * kilo, 4 * mega], [64 * kilo, 4 * mega],
        [mega, 4 * mega], [64 * kilo, 16 * mega]].map(([part, size]) =>
      sized(`${kind} of ${size} bytes in fragments of ${part}`, op, size, part)),
    ...[[64, 256 * kilo], [128, 256 * kilo], [256, mega], [512, mega], [kilo, mega],
        [2 * kilo, mega], [64 * kilo, 16 * mega]].map(([part, size]) =>
      sized(`${kind} of ${size} bytes in writes of ${part}`, op, size, size, part)),
  ]),
  sized('text of 1 MB in fragments of 1000 and writes of 1536', text, mega, 1000, 1536),
  sized('the largest message', text, maxMessage, maxMessage),
  sized('the largest message in fragments', binary, maxMessage, mega),
], 2);

const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
const sent = (f, ...codes) => async (w) => {
  w.send(f);
  await w.closes(...codes);
};
await category('10 masks, lengths, limits and extensions', [
  ...everyKind.flatMap(([kind, op]) => [
    fatal(`${kind} without a mask`, frame(op, '', { masked: false }), protocolError),
    fatal(`${kind} without a mask, with a payload`, frame(op, hex('03e8'), { masked: false }),
          protocolError),
  ]),
  fatal('a fragment without a mask',
        [frame(text, 'x', { fin: false }), frame(continuation, 'y', { masked: false })],
        protocolError),
  fatalLater('no mask', frame(text, echo().message, { masked: false }), protocolError),
  ...[[5, 2], [125, 2], [5, 8], [125, 8], [126, 8], [200, 8], [1000, 8], [0, 2], [0, 8]].map(
    ([size, form]) => fatal(`${size} bytes, the length in ${form} bytes`,
                            [frame(text, letters(size), { form }), tooLate], protocolError)),
  fatal('65535 bytes, the length in 8 bytes', frame(text, 'x', { form: 8, length: 65_535 }),
        protocolError),
  ...[2, 8].map((form) => fatal(`ping of 5 bytes, the length in ${form} bytes`,
                                frame(ping, 'marks', { form }), protocolError)),
  ...[1n << 63n, (1n << 63n) + 5n, (1n << 64n) - 1n].map((length) =>
    fatal(`a length of ${length}`, frame(text, 'x', { length }), protocolError, tooBig)),
  ...[(1n << 63n) - 1n, 1n << 53n, 1n << 32n, (1n << 32n) + 5n].map((length) =>
    fatal(`a length of ${length}`, frame(text, 'x', { length }), tooBig)),
  fatal('a message of one byte too many', frame(text, 'x', { length: maxMessage + 1 }), tooBig),
  fatal('fragments of one byte too many',
        [frame(text, Buffer.alloc(maxMessage, ' '), { fin: false }),
         frame(continuation, '', { length: 1 })], tooBig),
  fatal('fragments whose lengths overflow',
        [frame(text, 'x', { fin: false }), frame(continuation, 'x', { length: (1n << 64n) - 1n })],
        protocolError, tooBig),
  ['the largest message before hello', async (w) => {
    w.send(frame(text, hello(maxEarly)));
    await w.welcomed();
  }, early],
  ['hello in fragments with pings, byte by byte', async (w) => {
    const parts = fragments(binary, pieces(Buffer.from(hello()), 50));
    await w.chop(1, ...parts.flatMap((f, i) => [f, frame(ping, `mark ${i}`)]));
    await w.all([{ id: 'hello' }], parts.map((_, i) => `mark ${i}`));
  }, early],
  ['a length of one byte too many before hello',
   sent(frame(text, '', { length: maxEarly + 1 }), tooBig), early],
  ['fragments of one byte too many before hello',
   sent(Buffer.concat(fragments(text, pieces(Buffer.alloc(maxEarly + 1, ' '), 1000))), tooBig),
   early],
  ['invalid UTF-8 before hello', sent(frame(text, hex('ff')), badPayload), early],
  ['a reserved opcode before hello', sent(frame(3), protocolError), early],
  ['an empty message before hello', sent(frame(text), normal), early],
  ...[[offer], ['Sec-WebSocket-Extensions: permessage-deflate, x-unknown; a=1'],
      [offer, 'Sec-WebSocket-Extensions: x-webkit-deflate-frame']].flatMap((offers) => [
    [`${offers} is not taken`, async (w) => {
      assert.doesNotMatch(w.head, /^sec-websocket-extensions/im);
    }, () => Wire.greeted(offers)],
    [`RSV1 after ${offers}`, sent(frame(text, hex('f248cdc9c90700'), { rsv: 4 }), protocolError),
     () => Wire.greeted(offers)],
  ]),
]);

// A client that is in the middle of a large message when the gateway closes. What it still sends is
// read and discarded (RFC 6455, 7.1.1), for a reset could keep the close frame from it. There is
// more of it than the system takes for a reader that has gone.
const large = Buffer.alloc(maxMessage + 1, ' ');
await category('11 a client that sends on', [
  ...[
    ['a message of one byte too many', frame(text, large), tooBig],
    ['a ping', frame(ping, large), protocolError],
    ['no mask', frame(text, large, { masked: false }), protocolError],
    ['RSV1', frame(text, large, { rsv: 4 }), protocolError],
    ['invalid UTF-8', Buffer.concat([frame(text, hex('ff')), frame(text, large)]), badPayload],
  ].map(([title, bytes, code]) => [title, async (w) => {
    w.send(bytes.subarray(0, 1000));
    await w.closes(code);
    await w.push(bytes.subarray(1000));
  }]),
  fatal('a message of one byte too many in one write', frame(text, large), tooBig),
  ['a message of one byte too many before hello in one write',
   sent(frame(text, hello(maxEarly + 1)), tooBig), early],
], 2);

await category('the gateway is as it was', [['a request', async (w) => {
  const request = health(200);
  w.send(frame(text, request.message));
  await w.answered(request);
}]]);
if (await gateway.stop() !== 0) process.exitCode = 1;
