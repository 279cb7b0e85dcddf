// Holds what the gateway sends against the JSON schema that is published with the clients.

import { readFileSync } from 'node:fs';

import Ajv from 'ajv';

const file = new URL('./node_modules/@openclaw/gateway-protocol/protocol.schema.json', import.meta.url);
const { definitions } = JSON.parse(readFileSync(file, 'utf8'));

// Fields that the schema forbids and the reference gateway sends: its own schema is older than it.
export const exceptions = {
  'HelloOk /auth method': 'the reference gateway tells how a client was let in',
  'AgentEvent / sessionKey': 'the reference gateway tells whose run it is, and clients sort by it',
  'AgentEvent / agentId': 'the reference gateway tells whose run it is, and clients sort by it',
  'CronJob / misfire': 'what becomes of an occurrence that is late is ours to say (docs/cron.md)',
  'PluginsListResult / generation': 'the reference gateway counts the changes of the list',
};

// Where the name of a method does not lead to the name of its definition, or only a part of the
// answer is described: the definition, and the path to what it describes; `*` is every element.
const results = {
  'agent.identity.get': [['AgentIdentityResult']],
  'chat.history': [['SessionRow', 'sessionInfo']],
  'chat.startup': [['SessionRow', 'sessionInfo'], ['AgentsListResult', 'agents'],
                   ['ModelChoice', 'metadata', 'models', '*'],
                   ['CommandEntry', 'metadata', 'commands', '*']],
  'chat.metadata': [['ModelChoice', 'models', '*'], ['CommandEntry', 'commands', '*']],
  'config.schema': [['ConfigSchemaResponse']],
  'cron.add': [['CronJob']],
  'cron.get': [['CronJob']],
  'cron.list': [['CronJob', 'jobs', '*']],
  'cron.runs': [['CronRunLogEntry', 'entries', '*']],
  'cron.update': [['CronJob']],
  'device.pair.list': [['DevicePairRequestedEvent', 'pending', '*']],
  health: [['SessionRow', 'sessions', 'recent', '*']],
  'sessions.describe': [['SessionRow', 'session']],
  'sessions.list': [['SessionRow', 'sessions', '*']],
  status: [['SessionRow', 'sessions', 'recent', '*']],
  'system-presence': [['PresenceEntry', '*']],
};
const events = {
  agent: [['AgentEvent']],
  chat: [['ChatEvent']],
  'device.pair.requested': [['DevicePairRequestedEvent']],
  'device.pair.resolved': [['DevicePairResolvedEvent']],
  presence: [['PresenceEntry', 'presence', '*']],
  'session.message': [['SessionRow', 'session']],
  'sessions.changed': [['SessionRow', 'session']],
  shutdown: [['ShutdownEvent']],
  tick: [['TickEvent']],
};

const ajv = new Ajv({ allErrors: true, strict: false });
const validators = new Map();

function validator(name) {
  if (!definitions[name]) throw new Error(`the published schema has no ${name}`);
  if (!validators.has(name)) validators.set(name, ajv.compile(definitions[name]));
  return validators.get(name);
}

// "sessions.list" to "SessionsListResult".
function byName(method) {
  const words = method.split(/[.-]/).map((w) => w[0].toUpperCase() + w.slice(1));
  const name = `${words.join('')}Result`;
  return definitions[name] ? [[name]] : undefined;
}

// What the path leads to; a row that is not there, or null, has nothing to be checked.
function parts(value, path) {
  if (value === undefined || value === null) return [];
  if (path.length === 0) return [value];
  const [step, ...rest] = path;
  if (step !== '*') return parts(value[step], rest);
  return Array.isArray(value) ? value.flatMap((one) => parts(one, rest)) : [value];
}

function deviations(name, value) {
  const validate = validator(name);
  if (validate(value)) return [];
  return validate.errors.map((e) => {
    const at = `${name} ${e.instancePath || '/'}`;
    const field = e.params.additionalProperty;
    return { exception: `${at} ${field}`, text: `${at}: ${e.message}${field ? ` (${field})` : ''}` };
  });
}

// What was seen, what of it the schema describes, and what it finds wrong.
export class Inspector {
  constructor() {
    this.described = new Set();
    this.undescribed = new Set();
    this.problems = new Set();
    this.excepted = new Set();
  }
  result(method, payload) {
    this.#check(`result of ${method}`, results[method] ?? byName(method), payload);
  }
  event(frame) {
    this.#check('event frame', [['EventFrame']], frame);
    this.#check(`event ${frame.event}`, events[frame.event], frame.payload);
  }
  hello(payload) {
    this.#check('hello', [['HelloOk']], payload);
  }
  error(error) {
    this.#check('error', [['ErrorShape']], error);
  }
  #check(what, places, value) {
    (places ? this.described : this.undescribed).add(what);
    for (const [name, ...path] of places ?? []) {
      for (const part of parts(value, path)) {
        for (const { exception, text } of deviations(name, part)) {
          if (exceptions[exception]) this.excepted.add(exception);
          else this.problems.add(`${what}: ${text}`);
        }
      }
    }
  }
}
