import {
  type Attack,
  type Channel,
  type Dataset,
  type Defense,
  HalftoneError,
  type Model,
  type ParameterSchema,
  parseParameters,
  type TensorFlow,
} from '@halftone/sdk';
import type { DefaultOrder, LoadOrder, Order, WireArray } from '../wire.ts';
import { runAttack } from './attack.ts';
import { servePart } from './dataset.ts';
import { send } from './pipe.ts';
import { Transformations } from './transform.ts';

type Computing = Attack | Channel | Defense;
type Plugin = Computing | Dataset | Model;

/** Carries out one order and says how it ended. */
export type CarryOut = (order: Exclude<Order, LoadOrder>, arrays: readonly WireArray[]) => Promise<void>;

/** Loads the plugin, describes it to the host, and returns what carries out orders. */
export async function servePlugin(order: LoadOrder, tf: TensorFlow | undefined): Promise<CarryOut> {
  const plugin = await answered(async () => {
    const { default: loaded } = (await import(order.entry)) as { default?: Plugin };
    if (typeof loaded !== 'object' || loaded === null) throw new Error('it has no default export');
    send({ type: 'done', value: describe(loaded) });
    return loaded;
  });
  const transformations = tf === undefined ? undefined : new Transformations(tf);
  return async (header, arrays) => {
    await answered(async () => {
      if (plugin === undefined) throw new Error('it was not loaded');
      if (header.type === 'default') {
        send({ type: 'done', value: derivedDefault((plugin as Computing).parameters, header) });
        return;
      }
      if ('part' in header) return servePart(plugin as Dataset, order.folder, header, arrays);
      if (tf === undefined || transformations === undefined) throw new Error('it was loaded to be described');
      if (header.type === 'attack') return runAttack(tf, plugin as Attack, header, arrays);
      if (header.type === 'transform') return transformations.apply(plugin as Channel, header, arrays);
      if (header.type === 'pullback') return transformations.pullback(header, arrays);
      return transformations.release(header);
    });
  };
}

/** Runs the work, which sends its own answer; what it throws becomes the answer. */
async function answered<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { message, stack } = error as Error;
    const code = error instanceof HalftoneError ? { code: error.code } : {};
    send({
      type: 'failed',
      ...code,
      message: String(message ?? error),
      stack: String(stack ?? '').slice(0, 4000),
    });
    return undefined;
  }
}

/**
 * A definition as data: functions are named in `functions`; derived defaults keep their rule alone, and `defaults` says
 * what they come to where nothing is given.
 */
function describe(plugin: Plugin): object {
  const entries = Object.entries(plugin);
  return {
    ...('parameters' in plugin ? { defaults: parseParameters(plugin.parameters, {}, plugin.name) } : {}),
    ...Object.fromEntries(entries.filter(([, value]) => typeof value !== 'function')),
    functions: entries.filter(([, value]) => typeof value === 'function').map(([name]) => name),
  };
}

function derivedDefault(parameters: ParameterSchema, { name, values }: DefaultOrder): number {
  const rule = parameters[name]?.default;
  if (typeof rule !== 'object') throw new Error(`'${name}' has no derived default`);
  return rule.from(values);
}
