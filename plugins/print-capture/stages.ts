import type { Random } from '@halftone/sdk';
import {
  type CameraSettings,
  chain,
  clip01,
  encodeTone,
  gains,
  gaussianBlurOf,
  inkOf,
  Jpeg,
  mosaicOf,
  motionTaps,
  type Operation,
  type PrinterSettings,
  sensorNoise,
  sharpenOf,
  straightThrough,
  tapsOf,
  WHITE_LEVEL,
  warpOf,
} from '@halftone/sdk/image';
import type { Shot } from './shot.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The whole way of an image of three channels to paper, into the camera and back to its own size. */
export function printAndPhotograph(
  image: Size,
  printer: PrinterSettings,
  camera: CameraSettings,
  shot: Shot,
  random: Random,
): Operation {
  const part = { width: shot.width, height: shot.height, channels: 3 };
  const blur = Math.hypot(camera.blur, shot.defocus, printer.spread * shot.pixelsPerMm);
  return chain(
    inkOf(printer),
    // Printed pixels are squares; a pixel of the camera sees the mean over its area.
    warpOf(image, {
      toSource: shot.toImage,
      ...part,
      samples: Math.max(3, Math.min(6, Math.ceil(1.5 / shot.scale))),
      between: 'nearest',
      outside: printer.paper,
    }),
    ...(shot.motion < 0.3 ? [] : [tapsOf(part, motionTaps(shot.motion, shot.motionDirection))]),
    gaussianBlurOf(part, blur),
    gains(lightOn(printer, camera, shot)),
    sensorNoise(camera, random),
    clip01,
    ...(camera.bayer ? [mosaicOf(part.width, part.height), clip01] : []),
    encodeTone(camera.contrast),
    sharpenOf(part.width, part.height, camera.sharpening),
    clip01,
    straightThrough(savedBy(camera, part)),
    // Fine enough for a camera that sees more than the image has.
    warpOf(part, {
      toSource: shot.toPart,
      ...image,
      samples: Math.max(1, Math.min(8, Math.round(1.5 * shot.scale))),
      between: 'bilinear',
    }),
    clip01,
  );
}

/** Factors from reflected light to the sensor's values: exposure by the paper's white, the light's colour and fall. */
function lightOn({ paper }: PrinterSettings, { whiteBalance }: CameraSettings, shot: Shot): Float32Array {
  const white = (paper[0] + paper[1] + paper[2]) / 3;
  const [right, down] = shot.slope;
  const factors = new Float32Array(shot.width * shot.height * 3);
  for (let i = 0; i < factors.length; i++) {
    const pixel = Math.floor(i / 3);
    const [x, y] = [(pixel % shot.width) - shot.width / 2, Math.floor(pixel / shot.width) - shot.height / 2];
    const fall = 2 ** (right * x + down * y);
    factors[i] = (WHITE_LEVEL / white) * shot.light[i % 3]! * whiteBalance[i % 3]! * fall;
  }
  return factors;
}

/** Rounds to eight bits, through JPEG where the camera saves so. */
function savedBy({ jpegQuality }: CameraSettings, { width, height }: Size): (values: Float32Array) => void {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * 255);
    if (jpegQuality > 0) new Jpeg(width, height).apply(values, jpegQuality);
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]!) / 255;
  };
}
