import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../graph/ir.ts';
import { createRuntime, probeProviders, type Runtime, type Session } from './index.ts';
import { probeModel } from './probe-graph.ts';
import { softwareWebGpu } from './testing.ts';

// The probe graph: y is the fifth power of the N×N matrix x.
const SHEAR: Tensor = { dtype: 'float32', dims: [2, 2], data: Float32Array.of(1, 1, 0, 1) };
const FIFTH_POWER = Float32Array.of(1, 5, 0, 1);

function matrix(size: number): Tensor {
  return { dtype: 'float32', dims: [size, size], data: new Float32Array(size * size).fill(1 / size) };
}

describe('a session on the CPU', () => {
  let runtime: Runtime;
  let session: Session;
  beforeAll(async () => {
    runtime = await createRuntime({ providers: ['cpu'], threads: 2 });
    session = await runtime.load(probeModel(), { name: 'power' });
  });
  afterAll(() => runtime.close());

  test('names its provider, its inputs and its outputs', () => {
    expect(runtime.provider).toEqual({ name: 'cpu', description: 'CPU, 2 threads' });
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['N', 'N'] }]);
    expect(session.outputs.map((output) => output.name)).toEqual(['y']);
  });

  test('computes, and leaves the feeds alone', async () => {
    const { y } = await session.run({ x: SHEAR });
    expect(y).toEqual({ dtype: 'float32', dims: [2, 2], data: FIFTH_POWER });
    expect(SHEAR.data).toHaveLength(4);
  });

  test('takes a part of a larger array as what it is', async () => {
    const data = Float32Array.of(9, 9, 1, 1, 0, 1, 9).subarray(2, 6);
    const { y } = await session.run({ x: { ...SHEAR, data } }, { transfer: true });
    expect(y?.data).toEqual(FIFTH_POWER);
    expect(data).toHaveLength(4);
  });

  test('moves the feeds where the caller allows it, and the model always', async () => {
    const x = matrix(8);
    await session.run({ x }, { transfer: true });
    expect(x.data).toHaveLength(0);
    let back: Readonly<Record<string, Tensor>> = {};
    const giveBack = (feeds: typeof back) => (back = feeds);
    await session.run({ x: matrix(8) }, { transfer: true, giveBack });
    expect(back.x).toEqual(matrix(8));
    const model = probeModel();
    const other = await runtime.load(model);
    expect(model).toHaveLength(0);
    await other.release();
  });

  test('keeps the event loop free during a run', async () => {
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await session.run({ x: matrix(768) });
    running = false;
    expect(turns).toBeGreaterThan(10);
  });

  test('frees the caller at once on cancel, whether the run waits or is under way', async () => {
    const order: string[] = [];
    const under = new AbortController();
    const waiting = new AbortController();
    const note =
      (what: string) =>
      (outcome: unknown): void =>
        void order.push(`${what}: ${(outcome as { code?: string }).code ?? 'done'}`);
    const runs = [
      session.run({ x: matrix(768) }, { signal: under.signal }).then(note('first'), note('first')),
      session.run({ x: matrix(768) }, { signal: waiting.signal }).then(note('second'), note('second')),
      session.run({ x: SHEAR }).then(note('third'), note('third')),
    ];
    waiting.abort();
    under.abort();
    await Promise.all(runs);
    expect(order).toEqual(['second: cancelled', 'first: cancelled', 'third: done']);
    await expect(session.run({ x: SHEAR }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  test('is gone after release', async () => {
    const other = await runtime.load(probeModel(), { name: 'other' });
    await other.release();
    await other.release();
    expect(other.alive).toBe(false);
    await expect(other.run({ x: SHEAR })).rejects.toThrow(
      'the session of other is gone; open the model again',
    );
  });

  test.each<[string, Record<string, Tensor>, string]>([
    ['a missing feed', {}, "input 'x' of power is missing"],
    ['an unknown feed', { x: SHEAR, z: SHEAR }, "power has no input or output named 'z'"],
    ['another type', { x: { ...SHEAR, dtype: 'int32' } }, "input 'x' of power is float32, not int32"],
    ['another rank', { x: { ...SHEAR, dims: [4] } }, "input 'x' of power has the shape [N, N], not [4]"],
    [
      'too few values',
      { x: { ...SHEAR, dims: [2, 3] } },
      "input 'x' of power got 4 values for the shape [2, 3]",
    ],
  ])('refuses %s', async (_what, feeds, message) => {
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'bad-argument', message });
  });

  test('says on one line what ONNX Runtime objects to', async () => {
    const oblong: Tensor = { dtype: 'float32', dims: [2, 3], data: new Float32Array(6) };
    await expect(session.run({ x: oblong })).rejects.toMatchObject({
      code: 'bad-graph',
      message: expect.stringMatching(/^ONNX Runtime can't run power: .*MatMul.*$/),
    });
    const garbage = runtime.load(new Uint8Array(100).fill(7), { name: 'garbage.onnx' });
    await expect(garbage).rejects.toMatchObject({
      code: 'bad-graph',
      message: expect.stringMatching(/^ONNX Runtime can't load garbage\.onnx: .*$/),
    });
  });
});

describe('providers', () => {
  test.each([0, 1.5, Number.NaN])('refuse %d threads', async (threads) => {
    await expect(createRuntime({ threads })).rejects.toMatchObject({ code: 'bad-argument' });
  });

  test('that are not there are refused with the reason', async () => {
    const missing = process.platform === 'win32' ? 'coreml' : 'dml';
    await expect(createRuntime({ providers: [missing] })).rejects.toMatchObject({
      code: 'provider-unavailable',
      message: expect.stringMatching(
        /^no execution provider is available: (coreml|dml): it exists on \w+ only$/,
      ),
    });
  });

  test('fall through to the next in the order', async () => {
    const missing = process.platform === 'win32' ? 'coreml' : 'dml';
    const runtime = await createRuntime({ providers: [missing, 'cpu'], threads: 1 });
    expect(runtime.provider.description).toBe('CPU, 1 thread');
    await runtime.close();
    await expect(runtime.load(probeModel())).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('are all reported, the CPU as available', async () => {
    const reports = await probeProviders();
    expect(reports.map((report) => report.name)).toEqual(['cuda', 'webgpu', 'dml', 'coreml', 'cpu']);
    expect(reports.at(-1)).toMatchObject({ available: true });
    for (const report of reports)
      expect(report.reason ?? 'none').toMatch(report.available ? /^none$/ : /^.{10,}$/);
  });
});

const gpu = softwareWebGpu();
describe.skipIf(!gpu.available)(`WebGPU on software Vulkan${gpu.available ? '' : ` (${gpu.reason})`}`, () => {
  test('runs when asked for, says that it is software, and is never chosen by default', async () => {
    const runtime = await createRuntime({ providers: ['webgpu'] });
    expect(runtime.provider).toEqual({ name: 'webgpu', description: 'WebGPU on a software adapter' });
    const session = await runtime.load(probeModel());
    const { y } = await session.run({ x: SHEAR });
    expect(y?.data).toEqual(FIFTH_POWER);
    await runtime.close();
    const fallback = await createRuntime();
    expect(fallback.provider.name).not.toBe('webgpu');
    await fallback.close();
  });
});
