import type { CameraSettings, PrinterSettings } from '@halftone/sdk/image';
import { z } from 'zod';

/**
 * The physical parameters of the simulated channel. Light is linear and 1 is what a perfectly white surface sends
 * back; lengths on paper and desk are mm, on the sensor pixels; angles are degrees.
 */

const share = z.number().min(0).max(1);
const light = z.tuple([share, share, share]);
const gains = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

/** What a solid area of each overprint of inks sends back of the light. */
const inksSchema = z.strictObject({
  cyan: light,
  magenta: light,
  yellow: light,
  red: light,
  green: light,
  blue: light,
  black: light,
});

export const printerSchema = z.strictObject({
  /** Standard deviation, in mm, of how far ink and the screen of dots spread an edge. */
  spread: z.number().min(0).max(1),
  /** How much more than asked for is covered where half is asked for: 0.1 turns 50% into 60%. */
  dotGain: z.number().min(-0.3).max(0.4),
  paper: light,
  /** Overprints of solid inks: where the gamut ends. */
  inks: inksSchema,
  /** Standard deviation of unevenness in the ink and of the paper's grain, as a share of the light. */
  mottle: z.number().min(0).max(0.2),
  grain: z.number().min(0).max(0.2),
});

export const cameraSchema = z.strictObject({
  /** Pixels. */
  width: z.int().min(16).max(16_384),
  height: z.int().min(16).max(16_384),
  /** Angle of view across the frame's width. */
  fieldOfView: z.number().min(5).max(120),
  /** Radial distortion by Brown (1966): r (1 + k1 r² + k2 r⁴), r in focal lengths; negative k1 is a barrel. */
  distortion: z.tuple([z.number().min(-0.5).max(0.5), z.number().min(-0.5).max(0.5)]),
  /** Light lost in the frame's corners, beside what a light at an angle loses. */
  vignetting: share,
  /** Standard deviation of the lens's blur at best focus, in pixels. */
  blur: z.number().min(0).max(10),
  /** Electrons of a pixel whose value is just full: the fewer, the more shot noise. */
  fullWell: z.number().min(10).max(1e6),
  /** Standard deviation of the read-out, in electrons. */
  readNoise: z.number().min(0).max(1000),
  /** One colour a pixel, the others from its neighbours. */
  bayer: z.boolean(),
  /** The three channels' gains beside the right ones. */
  whiteBalance: gains,
  /** How much steeper than sRGB the curve is in the middle; 0 is sRGB. */
  contrast: z.number().min(0).max(1),
  /** Share of the difference from a blurred picture that is added. */
  sharpening: z.number().min(0).max(3),
  /** 1 to 100; 0 for no JPEG. */
  jpegQuality: z.int().min(0).max(100),
});

export const viewSchema = z.strictObject({
  /** About the upright axis, about the level axis, and clockwise in the frame, in this order from last to first. */
  yaw: z.number().min(-80).max(80),
  pitch: z.number().min(-80).max(80),
  roll: z.number().min(-180).max(180),
  /** From the camera to the sheet's middle along the optical axis, mm. */
  distance: z.number().min(20).max(20_000),
  /** Where the sheet's middle is seen, off the frame's, in shares of its width and height. */
  offset: z.tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)]),
  /** Curvature of the paper in 1/m, positive where its middle comes nearer; and the direction along which it bends. */
  bend: z.number().min(-10).max(10),
  bendDirection: z.number().min(-180).max(180),
  /** Stops over (or under) the exposure that puts white paper at 0.7 of the sensor's range. */
  exposure: z.number().min(-6).max(6),
  /** Standard deviation of blur beside the lens's own: the focus missed. Pixels. */
  defocus: z.number().min(0).max(20),
  /** How far the picture moved during the exposure, and where to. Pixels. */
  motion: z.number().min(0).max(60),
  motionDirection: z.number().min(-180).max(180),
  /** Light on the far side of the sheet over that on the near side, and the direction in which it falls. */
  falloff: z.number().min(0.05).max(1),
  falloffDirection: z.number().min(-180).max(180),
  /** Colour of the light after the camera's balance for it. */
  lightColour: gains,
  /** A mirrored lamp: its light over the paper's white, where on the sheet (shares), and its size in mm. */
  glare: z.number().min(0).max(5),
  glarePlace: z.tuple([z.number(), z.number()]),
  glareSize: z.number().min(1).max(500),
});

/** A printer, a camera, and how one photograph was taken. */
export const channelSchema = z.strictObject({
  printer: printerSchema,
  camera: cameraSchema,
  view: viewSchema,
});

export type Printer = PrinterSettings;
export type { CameraSettings };
export type View = z.infer<typeof viewSchema>;
/** What `channelSchema` gives. */
export interface ChannelSettings {
  readonly printer: Printer;
  readonly camera: CameraSettings;
  readonly view: View;
}
