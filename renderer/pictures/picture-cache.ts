import type { Pixels } from './difference.ts';

/** What the pictures that are kept may weigh together. */
const MOST_BYTES = 192 * 2 ** 20;

/** Pixels of an encoded picture, untouched: neither colours nor transparency are converted. Throws on what is none. */
export async function decodePicture(bytes: Uint8Array): Promise<Pixels> {
  // A copy on a buffer of its own: what came over the line is a view on its message.
  const blob = new Blob([bytes.slice()]);
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  const bitmap = await createImageBitmap(blob, options);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height) as Pixels;
}

/** Pictures by name, each read once; those longest unused make room. */
export class PictureCache {
  private readonly kept = new Map<string, Promise<Pixels>>();
  private readonly weights = new Map<string, number>();
  private weight = 0;
  private readonly read: (name: string) => Promise<Pixels>;

  constructor(read: (name: string) => Promise<Pixels>) {
    this.read = read;
  }

  /** A picture; one that could not be read is asked for again the next time. */
  get(name: string): Promise<Pixels> {
    const known = this.kept.get(name);
    const pixels = known ?? this.load(name);
    // The latest used stands last.
    this.kept.delete(name);
    this.kept.set(name, pixels);
    return pixels;
  }

  /** Forgets pictures whose name passes: they changed. */
  forget(changed: (name: string) => boolean): void {
    for (const name of [...this.kept.keys()]) if (changed(name)) this.drop(name);
  }

  private load(name: string): Promise<Pixels> {
    const reading = this.read(name);
    reading.then(
      ({ data }) => {
        if (this.kept.get(name) !== reading) return;
        this.weights.set(name, data.length);
        this.weight += data.length;
        this.makeRoom();
      },
      () => {
        if (this.kept.get(name) === reading) this.drop(name);
      },
    );
    return reading;
  }

  private makeRoom(): void {
    for (const name of [...this.kept.keys()]) {
      if (this.weight <= MOST_BYTES) return;
      if (this.weights.has(name)) this.drop(name);
    }
  }

  private drop(name: string): void {
    this.weight -= this.weights.get(name) ?? 0;
    this.weights.delete(name);
    this.kept.delete(name);
  }
}
