/**
 * What runs in a plugin's process: it gets the order to load, makes TensorFlow.js ready, seals the process and only
 * then lets the plugin's code in. After that it carries out orders, one after the other, until the host hangs up.
 */
import type { LoadOrder, Order } from '../wire.ts';
import { receive, send } from './pipe.ts';
import { type ModuleRules, seal, watchModules } from './seal.ts';

const first = receive<LoadOrder>().header;
const { permission } = process;
// A Node that doesn't confine must not run what it was asked to confine.
if (
  permission === undefined ||
  permission.has('fs.read') ||
  permission.has('fs.write') ||
  permission.has('child')
) {
  send({ type: 'failed', message: "this Node can't confine a plugin" });
  process.exit(1);
}
const rules: ModuleRules = { provided: first.provided, roots: undefined };
watchModules(rules);
const { loadTensors } = await import('../../tensors.ts');
const { servePlugin } = await import('./serve.ts');
const tf = first.tensors ? (await loadTensors()).tf : undefined;
await seal(rules, first.roots);
const carryOut = await servePlugin(first, tf);
for (;;) {
  const { header, arrays } = receive<Exclude<Order, LoadOrder>>();
  await carryOut(header, arrays);
}
