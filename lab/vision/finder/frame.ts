import { HalftoneError } from '@halftone/sdk/errors';

/** A picture as a camera or a file gives it: eight-bit sRGB, rows from the top, three bytes a pixel or four. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** 4 carries alpha, which is ignored. 3 where it is not said, as in a `Raster`. */
  readonly channels?: 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** More than any camera in use takes; what claims more is refused before memory is spent on it. */
export const mostFramePixels = 64_000_000;

/** Bytes a pixel. */
export function channelsOf(frame: Frame): 3 | 4 {
  return frame.channels ?? 3;
}

/** Throws `bad-image` where a frame's bytes don't make the picture it claims to be, or it is too large to work on. */
export function checkFrame(frame: Frame): void {
  const { width, height, data } = frame;
  const channels = channelsOf(frame);
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new HalftoneError('bad-image', `a frame of ${width} × ${height} pixels is none`);
  }
  if (width * height > mostFramePixels) {
    const megapixels = Math.round((width * height) / 1e6);
    throw new HalftoneError(
      'bad-image',
      `the photograph has ${megapixels} megapixels; ${mostFramePixels / 1e6} are the most: scale it down`,
    );
  }
  if (data.length !== width * height * channels) {
    throw new HalftoneError(
      'bad-image',
      `a frame of ${width} × ${height} pixels with ${channels} channels has ${width * height * channels} bytes, ` +
        `not ${data.length}`,
    );
  }
}

/** Luminance of eight-bit values in linear light, 0 to 1 (IEC 61966-2-1). */
export const linearLight = Float32Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** A picture of one channel. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The grey picture, `factor` times smaller: means of squares of pixels of (R + 2G + B) / 4. */
export function shrinkToGrey(frame: Frame, factor: number): Grey {
  const width = Math.floor(frame.width / factor);
  const height = Math.floor(frame.height / factor);
  const data = new Uint8Array(width * height);
  if (factor === 2) halveTo(data, frame, width, height);
  else shrinkTo(data, frame, width, height, factor);
  return { width, height, data };
}

/** By two, which frames of two megapixels are shrunk by: written out, it takes a third of the time. */
function halveTo(data: Uint8Array, frame: Frame, width: number, height: number): void {
  const from = frame.data;
  const channels = channelsOf(frame);
  const stride = frame.width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let a = 2 * y * stride;
    let c = a + stride;
    for (let x = 0; x < width; x++) {
      const b = a + channels;
      const d = c + channels;
      const green = from[a + 1]! + from[b + 1]! + from[c + 1]! + from[d + 1]!;
      const red = from[a]! + from[b]! + from[c]! + from[d]!;
      const blue = from[a + 2]! + from[b + 2]! + from[c + 2]! + from[d + 2]!;
      data[to++] = (red + 2 * green + blue + 8) >> 4;
      a = b + channels;
      c = d + channels;
    }
  }
}

function shrinkTo(data: Uint8Array, frame: Frame, width: number, height: number, factor: number): void {
  const from = frame.data;
  const channels = channelsOf(frame);
  const stride = frame.width * channels;
  const scale = 1 / (4 * factor * factor);
  // Along whole rows, as they lie in memory.
  const sums = new Uint32Array(width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let j = 0; j < factor; j++) {
      let at = (y * factor + j) * stride;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < factor; i++) {
          sum += from[at]! + (from[at + 1]! << 1) + from[at + 2]!;
          at += channels;
        }
        sums[x]! += sum;
      }
    }
    for (let x = 0; x < width; x++) data[y * width + x] = sums[x]! * scale + 0.5;
  }
}
