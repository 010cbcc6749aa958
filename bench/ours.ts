import { openClassifier } from '../lab/runtime/classifier.ts';

/** Our side, as every caller in the lab meets it: a classifier on the CPU provider. */
export interface Ours {
  readonly provider: string;
  /** @param x images, NHWC. */
  forward(x: Float32Array): Promise<void>;
  /** d(mean cross-entropy)/dx, NHWC like x. */
  gradient(x: Float32Array, labels: Int32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @param path an ONNX file that takes square RGB images; without a card it is taken as it is. */
export async function openOurs(path: string, threads: number): Promise<Ours> {
  const classifier = await openClassifier(path, { providers: ['cpu'], threads });
  const size = classifier.input.height * classifier.input.width * classifier.input.channels;
  const batch = (data: Float32Array) => ({ data, count: data.length / size, ...classifier.input });
  return {
    provider: classifier.provider,
    forward: async (x) => {
      await classifier.logits(batch(x));
    },
    gradient: async (x, labels) => {
      const loss = { kind: 'cross-entropy' } as const;
      const { gradients } = await classifier.gradient({ images: batch(x), labels, loss, reduction: 'mean' });
      return gradients;
    },
    close: () => classifier.close(),
  };
}

/** From N×C×H×W to N×H×W×C; `pixels` is H·W. */
export function toNhwc(data: Float32Array, channels: number, pixels: number): Float32Array {
  const image = channels * pixels;
  return data.map((_, i) => {
    const within = i % image;
    return data[i - within + (within % channels) * pixels + Math.floor(within / channels)]!;
  });
}
