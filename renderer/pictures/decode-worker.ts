import type { Decoded, ToDecode } from './decode.ts';

/** Decodes pictures off the page's thread. One canvas serves all: they come one after the other. */
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true })!;

async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<ImageData> {
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  const bitmap = await createImageBitmap(new Blob([bytes]), options);
  const { width, height } = bitmap;
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

self.addEventListener('message', async ({ data }: MessageEvent<ToDecode>) => {
  const { id, bytes } = data;
  let answer: Decoded;
  try {
    const { width, height, data } = await decode(bytes);
    answer = { id, pixels: { width, height, data: data as Uint8ClampedArray<ArrayBuffer> } };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  const transfer = answer.pixels === undefined ? [] : [answer.pixels.data.buffer];
  self.postMessage(answer, { transfer });
});
