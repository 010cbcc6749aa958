import { writeSync } from 'node:fs';
import * as builtin from 'node:module';
import { format } from 'node:util';

/**
 * What a plugin finds when its code begins: modules of a few folders and a few of Node's own, globals that compute,
 * and nothing that reaches the machine. Node's permission model stands behind this; here are the parts that it leaves
 * open, the network first of all.
 */

/** Parts of Node that only compute. Everything else is refused. */
const builtins = new Set([
  'assert',
  'assert/strict',
  'buffer',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'punycode',
  'querystring',
  'stream',
  'stream/promises',
  'string_decoder',
  'timers',
  'timers/promises',
  'url',
  'util',
  'util/types',
]);

/** What stays on `process`: what programs ask about themselves, and what Node calls on it. */
const processKeys = new Set([
  'version',
  'versions',
  'arch',
  'platform',
  'release',
  'features',
  'config',
  'argv',
  'argv0',
  'execArgv',
  'env',
  'pid',
  'title',
  'exitCode',
  'exit',
  'reallyExit',
  'abort',
  'uptime',
  'hrtime',
  'memoryUsage',
  'cpuUsage',
  'cwd',
  'nextTick',
  'emitWarning',
  'permission',
  'domain',
  '_events',
  '_eventsCount',
  '_maxListeners',
  '_exiting',
  '_tickCallback',
  '_fatalException',
]);

/** Globals beyond the language that stay. */
const globalKeys = new Set([
  'global',
  'globalThis',
  'process',
  'console',
  'Buffer',
  'WebAssembly',
  'URL',
  'URLSearchParams',
  'DOMException',
  'AbortController',
  'AbortSignal',
  'Event',
  'EventTarget',
  'CustomEvent',
  'TextEncoder',
  'TextDecoder',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'structuredClone',
  'atob',
  'btoa',
  'performance',
  'Float16Array',
  'SharedArrayBuffer',
  'SuppressedError',
  'DisposableStack',
  'AsyncDisposableStack',
  // Where TensorFlow.js keeps its state.
  '_tfengine',
  '_tfGlobals',
]);

/** Globals of a bare realm of the language, as V8 makes them. */
const language =
  'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp ' +
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Math Intl ArrayBuffer ' +
  'Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array ' +
  'Uint8ClampedArray Float32Array Float64Array DataView Map BigInt Set Iterator WeakMap WeakSet Proxy Reflect ' +
  'FinalizationRegistry WeakRef decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval ' +
  'isFinite isNaN';
for (const name of language.split(' ')) globalKeys.add(name);

/** Which modules may be loaded. */
export interface ModuleRules {
  /** Packages that the host provides: name to URL. */
  readonly provided: Readonly<Record<string, string>>;
  /** Folders, as URLs ending in `/`; until `seal` everything that the process may read. */
  roots: readonly string[] | undefined;
}

/** Resolves the provided packages, and, once `rules.roots` is set, refuses whatever lies outside. */
export function watchModules(rules: ModuleRules): void {
  const provided = new Map(Object.entries(rules.provided));
  const check = (url: string): void => {
    const { roots } = rules;
    if (roots === undefined) return;
    if (url.startsWith('node:')) {
      if (builtins.has(url.slice('node:'.length))) return;
      throw refused(`a plugin may not load ${url}`);
    }
    if (!roots.some((root) => url.startsWith(root))) {
      throw refused(`a plugin may load modules of its own folder and the SDK alone, not ${url}`);
    }
  };
  builtin.registerHooks({
    resolve(specifier, context, next) {
      const url = provided.get(specifier);
      const result = url === undefined ? next(specifier, context) : { url, shortCircuit: true };
      check(result.url);
      return result;
    },
    load(url, context, next) {
      check(url);
      return next(url, context);
    },
  });
}

/** Takes away what a plugin must not have. Call it when everything of our own is loaded. */
export async function seal(rules: ModuleRules, roots: readonly string[]): Promise<void> {
  await disconnect();
  sealModules();
  sealConsole();
  keepOnly(globalThis, globalKeys);
  keepOnly(process, processKeys);
  // The shell before it names the folder that it was started in.
  for (const name of Object.keys(process.env)) delete process.env[name];
  rules.roots = [...roots];
}

/** Functions that open connections, for a plugin that finds its way to their modules after all. */
async function disconnect(): Promise<void> {
  const refuse = (): never => {
    throw refused('a plugin has no network');
  };
  const [net, dgram, dns] = await Promise.all([import('node:net'), import('node:dgram'), import('node:dns')]);
  const targets: [object, readonly string[]][] = [
    [net.Socket.prototype, ['connect']],
    [net.Server.prototype, ['listen']],
    [net.default, ['connect', 'createConnection', 'createServer']],
    [dgram.Socket.prototype, ['bind', 'connect', 'send', 'addMembership']],
    [dgram.default, ['createSocket']],
    [dns.default, Object.keys(dns.default).filter((key) => /^(lookup|resolve|reverse)/.test(key))],
    [dns.promises, Object.keys(dns.promises).filter((key) => /^(lookup|resolve|reverse)/.test(key))],
    [
      dns.Resolver.prototype,
      Object.getOwnPropertyNames(dns.Resolver.prototype).filter((key) => key !== 'constructor'),
    ],
  ];
  for (const [target, names] of targets) {
    for (const name of names) {
      Object.defineProperty(target, name, { value: refuse, writable: false, configurable: false });
    }
  }
}

/** A CommonJS module leads to its loader (`module.constructor`): it must not be given other rules than these. */
function sealModules(): void {
  const { Module } = builtin as unknown as { Module: object };
  for (const name of ['registerHooks', 'register', 'createRequire', 'runMain', 'enableCompileCache']) {
    Object.defineProperty(Module, name, { value: undefined, writable: false, configurable: false });
  }
}

/** Node's console holds the streams that it writes to; this one holds two numbers. */
function sealConsole(): void {
  const to =
    (descriptor: 1 | 2) =>
    (...values: unknown[]) => {
      try {
        writeSync(descriptor, `${format(...values)}\n`);
      } catch {
        // A log that can't be written is no reason to fail.
      }
    };
  const [out, error] = [to(1), to(2)];
  const silent = (): void => {};
  const console = { log: out, info: out, debug: out, dir: out, table: out, warn: error, error, trace: error };
  const quiet = {
    assert: silent,
    time: silent,
    timeEnd: silent,
    timeLog: silent,
    group: silent,
    groupEnd: silent,
    count: silent,
  };
  Object.defineProperty(globalThis, 'console', {
    value: Object.freeze({ ...console, ...quiet }),
    configurable: true,
    writable: true,
  });
}

function keepOnly(target: object, keys: ReadonlySet<string>): void {
  for (const key of Reflect.ownKeys(target)) {
    if (typeof key === 'string' ? keys.has(key) : key === Symbol.toStringTag) continue;
    Reflect.deleteProperty(target, key);
  }
}

function refused(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_HALFTONE_REFUSED' });
}
