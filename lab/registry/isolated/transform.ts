import {
  type Channel,
  type Defense,
  defineChannel,
  defineDefense,
  HalftoneError,
  type TransformContext,
  type Transformed,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { parseWith } from '../../data/schema.ts';
import { schemaOf } from './description.ts';
import { channelDescription, defenseDescription } from './messages.ts';
import type { IsolatedPlugin } from './plugin.ts';
import { madeTensor, pluginError } from './results.ts';

/** A channel that stands for one in a plugin's process. Throws `bad-plugin` for a description that isn't one. */
export function isolatedChannel(plugin: IsolatedPlugin, description: unknown): Channel {
  const {
    apiVersion: _,
    kind: __,
    ...described
  } = parseWith(channelDescription, description, `plugin '${plugin.name}'`, 'bad-plugin');
  return defineChannel({
    ...definitionOf(plugin, described),
    apply: transformer(plugin, `channel '${plugin.name}'`),
  }) as Channel;
}

/** A defence that stands for one in a plugin's process; of those that transform. Throws `bad-plugin`. */
export function isolatedDefense(plugin: IsolatedPlugin, description: unknown): Defense {
  const {
    apiVersion: _,
    kind: __,
    type,
    ...described
  } = parseWith(defenseDescription, description, `plugin '${plugin.name}'`, 'bad-plugin');
  if (type === 'train') {
    const text = `plugin '${plugin.name}': a defence that trains can't run in a process of its own yet; it must transform`;
    throw new HalftoneError('bad-plugin', text);
  }
  const apply = transformer(plugin, `defense '${plugin.name}'`);
  return defineDefense({ ...definitionOf(plugin, described), type, apply }) as Defense;
}

/** What both kinds' descriptions hold. */
interface Described {
  readonly functions: readonly string[];
  readonly defaults: Parameters<typeof schemaOf>[2];
  readonly parameters: Parameters<typeof schemaOf>[1];
  readonly paper?: object | undefined;
}

function definitionOf<D extends Described>(
  plugin: IsolatedPlugin,
  { functions, defaults, paper, parameters, ...described }: D,
) {
  if (!functions.includes('apply'))
    throw new HalftoneError('bad-plugin', `plugin '${plugin.name}': it has no apply`);
  return {
    ...(described as Omit<D, keyof Described>),
    ...((paper === undefined ? {} : { paper }) as { paper?: NonNullable<D['paper']> }),
    parameters: schemaOf(plugin, parameters, defaults),
  };
}

/** Numbers of batches that processes hold; never the same twice, so that none is taken for another's. */
let handles = 0;

function transformer(plugin: IsolatedPlugin, who: string) {
  return async ({ tf, images, parameters, randoms, signal }: TransformContext): Promise<Transformed> => {
    const { shape } = images;
    const handle = handles++;
    const mostBytes = shape.reduce((product, extent) => product * extent, 4);
    const order = async (type: 'transform' | 'pullback', values: Float32Array) => {
      const words = randoms.map((random) => random.words);
      const message =
        type === 'transform' ? { type, shape, parameters, randoms: words, handle } : { type, shape, handle };
      try {
        return await plugin.order(message, [values], { mostBytes }, signal);
      } catch (error) {
        throw pluginError(error);
      }
    };
    const { outcome, arrays } = await order('transform', valuesOf(images));
    const made = madeTensor(tf, who, shape, outcome, arrays);
    const dispose = (): void => {
      // Nobody waits for it; a process that has ended holds nothing.
      plugin.order({ type: 'release', handle }, [], { mostBytes: 0 }).catch(() => {});
    };
    if (outcome.pullback !== true) {
      dispose();
      return { images: made };
    }
    const pullback = async (cotangent: Tensor4D): Promise<Tensor4D> => {
      const pulled = await order('pullback', valuesOf(cotangent));
      return madeTensor(tf, `${who} (its pullback)`, shape, pulled.outcome, pulled.arrays);
    };
    return { images: made, pullback, dispose };
  };
}
