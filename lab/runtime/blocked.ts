import { HalftoneError } from '@halftone/sdk/errors';
import { intAttr, intsAttr, stringAttr } from '../graph/attributes.ts';
import { GraphBuilder, int, ints } from '../graph/builder.ts';
import { copyGraph, emptyGraph } from '../graph/copy.ts';
import { writeModel } from '../graph/index.ts';
import type { Attributes, Dim, Graph, Node, Tensor } from '../graph/ir.ts';
import type { Runtime } from './types.ts';

/**
 * ONNX Runtime's CPU provider convolves fastest over blocks of channels. It rewrites convolutions so by itself, but
 * only where the kernel is constant. Here it is done for kernels that come with every run, as weights do that are
 * trained: the kernel is laid out in blocks by nodes, images before the convolution and after it.
 */

/** ONNX Runtime's own operators on blocks of channels, and their layouts, as its NCHWc rewriting uses them. */
const DOMAIN = 'com.microsoft.nchwc';

/** How a kernel lies in memory: output channels in blocks, input channels in blocks too or as they are. */
type KernelLayout = 'both' | 'outputs';

/**
 * The graph with convolutions over blocks of `block` channels where the kernel isn't constant and channels part into
 * blocks evenly; the others stay. Types of all values must be known.
 */
export function blockConvolutions(graph: Graph, block: number): Graph {
  const result = copyGraph(graph);
  result.nodes = [];
  const blocks = new Blocks(new GraphBuilder(result, 'blocked'), block, graph.nodes);
  for (const node of graph.nodes) {
    const layout = kernelLayout(graph, node, block);
    if (layout) blocks.addConvolution(node, layout);
    else result.nodes.push(node);
  }
  return result;
}

/** How the kernel of a node has to lie; undefined for what isn't a convolution that can be blocked. */
function kernelLayout(graph: Graph, node: Node, block: number): KernelLayout | undefined {
  if (node.op !== 'Conv' || node.domain !== '' || graph.initializers.has(node.inputs[1]!)) return undefined;
  if (stringAttr(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return undefined;
  const [images, kernel] = [graph.types.get(node.inputs[0]!), graph.types.get(node.inputs[1]!)];
  if (images?.dtype !== 'float32' || kernel?.shape?.length !== 4) return undefined;
  const [outputs, each, ...area] = kernel.shape;
  const channels = images.shape?.[1];
  if (typeof outputs !== 'number' || outputs % block !== 0 || typeof channels !== 'number') return undefined;
  if ([each, ...area].some((extent) => typeof extent !== 'number')) return undefined;
  const group = intAttr(node, 'group', 1);
  if (group === 1 && channels < block) return 'outputs';
  if (channels % block !== 0) return undefined;
  if (group === 1) return 'both';
  return group === channels && group === outputs ? 'outputs' : undefined;
}

/** Emits convolutions in blocks, and remembers which values there are in blocks already. */
class Blocks {
  readonly #b: GraphBuilder;
  readonly #block: number;
  readonly #blocked = new Map<string, string>();
  readonly #producers: ReadonlyMap<string, Node>;

  constructor(b: GraphBuilder, block: number, nodes: readonly Node[]) {
    this.#b = b;
    this.#block = block;
    this.#producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  }

  addConvolution(node: Node, layout: KernelLayout): void {
    const [images, kernel, ...bias] = node.inputs as [string, string, ...string[]];
    const [output] = node.outputs as [string];
    const shape = this.#b.shape(output);
    const plain = Number(this.#b.shape(images)[1]) < this.#block;
    const source = plain ? images : this.#inBlocks(images);
    const inputs = [source, this.#kernelInBlocks(kernel, layout), ...bias];
    const blocked = this.#add('Conv', inputs, this.#window(node, kernel), shape);
    this.#blocked.set(output, blocked);
    this.#add('ReorderOutput', [blocked], { channels: int(Number(shape[1])) }, shape, output);
  }

  /** Attributes with the kernel's extents, which the operator needs. */
  #window(node: Node, kernel: string): Attributes {
    const area = this.#b.extents(kernel, [2, 3]);
    return { ...node.attributes, kernel_shape: ints(intsAttr(node, 'kernel_shape', area)) };
  }

  #inBlocks(images: string): string {
    const known = this.#blocked.get(images);
    if (known !== undefined) return known;
    const shape = this.#b.shape(images);
    const parts = this.#imagesIn(images, 1);
    const blocked =
      parts === undefined
        ? this.#add('ReorderInput', [images], {}, shape)
        : this.#b.add('Reshape', [this.#inBlocks(parts), this.#b.longs(shape as number[])]);
    this.#blocked.set(images, blocked);
    return blocked;
  }

  /**
   * Images whose channels in a row are those of this value, along the axis: in blocks the one is the other. Undefined
   * where it isn't made of such.
   */
  #imagesIn(value: string, axis: 0 | 1): string | undefined {
    const node = this.#producers.get(value);
    const [source] = node?.inputs ?? [];
    if (node?.op !== 'Reshape' || source === undefined) return undefined;
    const [from, to] = [this.#b.shape(source), this.#b.shape(value)];
    const [count, channels, ...area] = from;
    if (from.length !== 4 || typeof count !== 'number' || typeof channels !== 'number') return undefined;
    const isRow = channels % this.#block === 0 && to[axis] === count * channels && to[1 - axis] === 1;
    return isRow && to.slice(2).join() === area.join() ? source : undefined;
  }

  /** Images of which this value has the channels first. */
  #channelsFirst(value: string): string | undefined {
    const node = this.#producers.get(value);
    const [source] = node?.inputs ?? [];
    if (node?.op !== 'Transpose' || source === undefined) return undefined;
    if (intsAttr(node, 'perm', []).join() !== '1,0,2,3') return undefined;
    return this.#b.shape(source).every((extent) => typeof extent === 'number') ? source : undefined;
  }

  /** O×I×… → O/b × I/b × … × b of I × b of O, or O/b × I × … × b; the extents stay those of the kernel. */
  #kernelInBlocks(kernel: string, layout: KernelLayout): string {
    const b = this.#b;
    const shape = b.extents(kernel, [0, 1, 2, 3]);
    const [outputs, inputs, ...area] = shape as [number, number, number, number];
    const block = this.#block;
    const both = layout === 'both';
    const source = both ? this.#channelsFirst(kernel) : this.#imagesIn(kernel, 0);
    if (source !== undefined && both) {
      const places = area[0] * area[1];
      const runs = b.longs([inputs / block, block, outputs / block, places, block]);
      const apart = b.add('Reshape', [this.#inBlocks(source), runs]);
      return b.add('Reshape', [b.add('Transpose', [apart], { perm: ints([2, 0, 3, 1, 4]) }), b.longs(shape)]);
    }
    if (source !== undefined) return b.add('Reshape', [this.#inBlocks(source), b.longs(shape)]);
    const parts = both ? [outputs / block, block, inputs / block, block] : [outputs / block, block, inputs];
    const apart = b.add('Reshape', [kernel, b.longs([...parts, ...area])]);
    const perm = both ? [0, 2, 4, 5, 3, 1] : [0, 2, 3, 4, 1];
    return b.add('Reshape', [b.add('Transpose', [apart], { perm: ints(perm) }), b.longs(shape)]);
  }

  #add(
    op: string,
    inputs: readonly string[],
    attributes: Attributes,
    shape: readonly Dim[],
    output = this.#b.fresh(op),
  ): string {
    const { graph } = this.#b;
    graph.nodes.push({ op, domain: DOMAIN, name: output, inputs, outputs: [output], attributes });
    graph.types.set(output, { dtype: 'float32', shape });
    return output;
  }
}

const found = new WeakMap<Runtime, Promise<number>>();

/**
 * Channels in a block of a runtime's convolutions; 0 where it has none, as off the CPU provider. Found by trying,
 * since ONNX Runtime doesn't tell.
 */
export function channelBlock(runtime: Runtime): Promise<number> {
  const known = found.get(runtime);
  if (known) return known;
  const tried = runtime.provider.name === 'cpu' ? tryBlocks(runtime) : Promise.resolve(0);
  found.set(runtime, tried);
  return tried;
}

/** With AVX-512 and on ARM a block is 16 channels, on other x86 8. */
const BLOCKS = [16, 8];

async function tryBlocks(runtime: Runtime): Promise<number> {
  for (const block of BLOCKS) if (await convolvesRight(runtime, block)) return block;
  return 0;
}

/** Does a convolution in such blocks give what it gives without? In blocks of another size it gives something else. */
async function convolvesRight(runtime: Runtime, block: number): Promise<boolean> {
  const graph = emptyGraph('trial');
  const b = new GraphBuilder(graph, 'trial');
  const dims = [32, 32, 2, 2];
  const image = [1, 32, 3, 3];
  b.input('images', { dtype: 'float32', shape: image });
  b.input('kernel', { dtype: 'float32', shape: dims });
  const output = b.add('Conv', ['images', 'kernel'], { kernel_shape: ints([2, 2]) });
  graph.outputs = [{ name: output, ...b.type(output) }];
  const whole = (shape: readonly number[], odd: number): Tensor => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    return { dtype: 'float32', dims: shape, data: Float32Array.from({ length }, (_, i) => (i * odd) % 11) };
  };
  const run = async (trial: Graph): Promise<string> => {
    const session = await runtime.load(writeModel(trial), { name: 'a trial' });
    try {
      const results = await session.run({ images: whole(image, 7), kernel: whole(dims, 3) });
      return (results[output]!.data as Float32Array).join();
    } finally {
      await session.release();
    }
  };
  try {
    return (await run(blockConvolutions(graph, block))) === (await run(graph));
  } catch (error) {
    // The operators aren't there.
    if (error instanceof HalftoneError && error.code === 'bad-graph') return false;
    throw error;
  }
}
