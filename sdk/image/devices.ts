import type { InkSettings } from './ink.ts';

/** A printer. Light is linear, 1 what a perfectly white surface sends back. */
export interface PrinterSettings extends InkSettings {
  /** Standard deviation, in mm, of how far ink and the screen of dots spread an edge. */
  readonly spread: number;
  /** Standard deviation of unevenness of the ink over some mm, as a share of the light of a solid area. */
  readonly mottle: number;
  /** Standard deviation of the paper's grain over a tenth of a mm, as a share of the light. */
  readonly grain: number;
}

/** A camera with its lens and what it makes of the sensor's values. */
export interface CameraSettings {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Angle of view across the frame's width, degrees. */
  readonly fieldOfView: number;
  /** Radial distortion by Brown (1966): r (1 + k1 r² + k2 r⁴), r in focal lengths; negative k1 is a barrel. */
  readonly distortion: readonly [k1: number, k2: number];
  /** Share of the light lost in the frame's corners. */
  readonly vignetting: number;
  /** Standard deviation of the lens's blur at best focus, in pixels. */
  readonly blur: number;
  /** Electrons of a pixel whose value is just full: the fewer, the more shot noise. */
  readonly fullWell: number;
  /** Standard deviation of the read-out, in electrons. */
  readonly readNoise: number;
  /** One colour a pixel, the others from its neighbours. */
  readonly bayer: boolean;
  /** The three channels' gains beside the right ones. */
  readonly whiteBalance: readonly [red: number, green: number, blue: number];
  /** How much steeper than sRGB the curve is in the middle, 0 to 1; 0 is sRGB. */
  readonly contrast: number;
  /** Share of the difference from a blurred picture that is added. */
  readonly sharpening: number;
  /** 1 to 100; 0 for no JPEG. */
  readonly jpegQuality: number;
}

/** Where white paper lies in the sensor's range at the right exposure. */
export const WHITE_LEVEL = 0.7;

/**
 * Printers and cameras as they are about. Inks: light that solid areas of usual toners and dyes send back, rounded
 * from published densities (laser solids 1.3 to 1.5, photo ink-jets beyond 2).
 */
export const printers = {
  'office-laser': {
    spread: 0.06,
    dotGain: 0.04,
    paper: [0.82, 0.83, 0.85],
    inks: {
      cyan: [0.06, 0.3, 0.55],
      magenta: [0.52, 0.06, 0.17],
      yellow: [0.76, 0.66, 0.07],
      red: [0.48, 0.06, 0.05],
      green: [0.06, 0.24, 0.08],
      blue: [0.05, 0.06, 0.22],
      black: [0.035, 0.035, 0.035],
    },
    mottle: 0.02,
    grain: 0.006,
  },
  'photo-inkjet': {
    spread: 0.035,
    dotGain: 0.01,
    paper: [0.88, 0.88, 0.89],
    inks: {
      cyan: [0.025, 0.33, 0.66],
      magenta: [0.68, 0.03, 0.24],
      yellow: [0.84, 0.76, 0.03],
      red: [0.62, 0.025, 0.02],
      green: [0.025, 0.3, 0.05],
      blue: [0.025, 0.03, 0.32],
      black: [0.008, 0.008, 0.008],
    },
    mottle: 0.005,
    grain: 0.003,
  },
} as const satisfies Record<string, PrinterSettings>;

export const cameras = {
  'webcam-720p': {
    width: 1280,
    height: 720,
    fieldOfView: 62,
    distortion: [-0.06, 0.02],
    vignetting: 0.25,
    blur: 0.75,
    fullWell: 3000,
    readNoise: 12,
    bayer: true,
    whiteBalance: [1.02, 1, 0.98],
    contrast: 0.15,
    sharpening: 0.6,
    jpegQuality: 75,
  },
  'webcam-1080p': {
    width: 1920,
    height: 1080,
    fieldOfView: 68,
    distortion: [-0.05, 0.015],
    vignetting: 0.25,
    blur: 0.8,
    fullWell: 3000,
    readNoise: 10,
    bayer: true,
    whiteBalance: [1.02, 1, 0.97],
    contrast: 0.15,
    sharpening: 0.6,
    jpegQuality: 85,
  },
  'phone-12mp': {
    width: 4032,
    height: 3024,
    fieldOfView: 67,
    distortion: [0.01, -0.01],
    vignetting: 0.12,
    blur: 0.8,
    fullWell: 6000,
    readNoise: 3,
    bayer: true,
    whiteBalance: [1, 1, 1],
    contrast: 0.25,
    sharpening: 0.5,
    jpegQuality: 92,
  },
} as const satisfies Record<string, CameraSettings>;

export type PrinterName = keyof typeof printers;
export type CameraName = keyof typeof cameras;
