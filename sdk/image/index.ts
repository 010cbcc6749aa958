/** Pixel arithmetic that attacks, channels, defences and the lab's simulated camera share. Images are plain arrays. */
export { grey, type PassContext, passImages } from './batch.ts';
export { gaussianBlur, gaussianBlurBack, gaussianBlurOf, gaussianWeights, type Plane } from './blur.ts';
export {
  type CameraName,
  type CameraSettings,
  cameras,
  type PrinterName,
  type PrinterSettings,
  printers,
  WHITE_LEVEL,
} from './devices.ts';
export { type InkSettings, inkOf, printedColour, printInk, type Reflectance } from './ink.ts';
export { Jpeg } from './jpeg.ts';
export { demosaic, mosaicOf, seenChannel } from './mosaic.ts';
export { chain, clip01, type Operation, type Passed, pointwise, straightThrough } from './operation.ts';
export { gains, sensorNoise } from './sensor.ts';
export { sharpen, sharpenOf } from './sharpen.ts';
export { decodeSrgb, encodeTone, levelOf, lightOf, lightOfLevel, srgbOf, toneOf } from './srgb.ts';
export { applyTaps, applyTapsBack, motionTaps, type Tap, tapsOf } from './taps.ts';
export { type Homography, inverted, projected, type Reading, warpOf } from './warp.ts';
