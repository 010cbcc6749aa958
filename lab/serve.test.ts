import { HalftoneError } from '@halftone/sdk/errors';
import { describe, expect, it } from 'vitest';
import { connectLab } from './api/client.ts';
import { decodeMessage, encodeMessage } from './api/codec.ts';
import { type LabApi, methodNames } from './api/contract.ts';
import type { Channel } from './api/wire.ts';
import { serveLab } from './serve.ts';

/** Two ends of one channel that carries bytes, as a socket does. */
function byteChannels(): [Channel, Channel] {
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const end = (mine: 0 | 1): Channel => ({
    post: (message) => {
      const bytes = encodeMessage(message);
      queueMicrotask(() => {
        for (const listener of listeners[1 - mine]!) listener(decodeMessage(bytes));
      });
    },
    on: (listener) => {
      listeners[mine]!.push(listener);
    },
  });
  return [end(0), end(1)];
}

const summary = { id: 'added/a.onnx', name: 'a', file: 'a.onnx', size: 3, origin: 'added' } as const;

function labWith(methods: Partial<LabApi>): LabApi {
  const missing = () => Promise.reject(new Error('not in this test'));
  const none = Object.fromEntries(methodNames.map((name) => [name, missing])) as unknown as LabApi;
  return { ...none, ...methods };
}

function connected(methods: Partial<LabApi>) {
  const [here, there] = byteChannels();
  serveLab(labWith(methods), there);
  return { ...connectLab(here), raw: here };
}

describe('calls through a channel', () => {
  it('carry requests and results, bytes unmangled', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    let got: unknown;
    const { lab } = connected({
      addModel: async (request) => {
        got = request;
        return summary;
      },
    });
    expect(await lab.addModel({ name: 'a.onnx', bytes })).toEqual(summary);
    expect(got).toEqual({ name: 'a.onnx', bytes });
  });

  it('carry an error with its code, its words and its place', async () => {
    const place = ['attacks', 0, 'set'];
    const { lab } = connected({
      listModels: () => Promise.reject(new HalftoneError('bad-file', 'a.onnx: truncated')),
      listRuns: () => Promise.reject(new HalftoneError('bad-argument', 'no', { place })),
      about: () => Promise.reject(new TypeError('a defect')),
    });
    await expect(lab.listModels()).rejects.toMatchObject({ code: 'bad-file', message: 'a.onnx: truncated' });
    await expect(lab.listRuns()).rejects.toMatchObject({ place });
    await expect(lab.about()).rejects.toMatchObject({ code: 'internal', message: 'a defect' });
  });

  it.each([
    [{ name: '../a.onnx', bytes: new Uint8Array(1) }, /addModel: name: a file name without folders/],
    [{ name: 'a.exe', bytes: new Uint8Array(1) }, /only \.onnx files/],
    [{ name: 'a.onnx', bytes: new Uint8Array(0) }, /the file is empty/],
    [{ name: 'a.onnx', bytes: 'text' }, /bytes/],
    [{ name: 'a.onnx', bytes: new Uint8Array(1), path: '/etc' }, /path/],
  ])('refuse %j before the lab sees it', async (request, words) => {
    const { lab } = connected({ addModel: async () => summary });
    await expect(lab.addModel(request as never)).rejects.toThrow(words);
  });

  it('reach no name that is not a method', async () => {
    const { lab } = connected({});
    const open = lab as unknown as Record<string, () => Promise<unknown>>;
    for (const name of ['constructor', '__proto__', 'toString', 'close', 'nothing']) {
      await expect(open[name]!()).rejects.toThrow(`the lab has no method '${name}'`);
    }
  });

  it('survive messages that are none', async () => {
    const { lab, raw } = connected({ listModels: async () => [summary] });
    for (const message of [
      null,
      7,
      'x',
      [],
      {},
      { t: 'q' },
      { t: 'q', m: 'listModels', a: 3 },
      { t: 's', i: 'x' },
    ]) {
      raw.post(message);
    }
    expect(await lab.listModels()).toEqual([summary]);
  });

  it('fail when the channel closes under them', async () => {
    const client = connected({ listModels: () => new Promise(() => undefined) });
    const pending = client.lab.listModels();
    client.close();
    await expect(pending).rejects.toMatchObject({ code: 'closed' });
    await expect(client.lab.listModels()).rejects.toThrow();
  });
});

describe('the byte codec', () => {
  it('gives typed arrays back as they were, views and all', () => {
    const message = {
      bytes: new Uint8Array([0, 255]),
      floats: new Float32Array([1.5, Number.NaN, -0]),
      view: new Float64Array([1, 2, 3, 4]).subarray(1, 3),
      longs: new BigInt64Array([-1n, 2n ** 62n]),
      shorts: new Int16Array(0),
    };
    const back = decodeMessage(encodeMessage(message)) as typeof message;
    expect(back).toEqual(message);
    expect(back.floats).toBeInstanceOf(Float32Array);
    expect(Object.is(back.floats[2], -0)).toBe(true);
  });

  it('throws on bytes that are no message', () => {
    expect(() => decodeMessage(new Uint8Array([0xc7, 0x02, 0x01, 0x00, 0x00]))).toThrow();
    expect(() => decodeMessage(new Uint8Array([0xc1]))).toThrow();
  });
});
