import { HalftoneError } from '@halftone/sdk/errors';
import { type PrinterSettings, printedColour, srgbOf, WHITE_LEVEL } from '@halftone/sdk/image';
import type { Light, PatchReading } from './readings.ts';
import type { CameraSettings } from './settings.ts';

/** What the patches of a photograph say of printer, light and camera. */
export interface FittedChannel {
  /** The printer that it was fitted from, with the dot gain and the black that explain the patches best. */
  readonly printer: PrinterSettings;
  /** Stops beside the right exposure, and the light's colour (green is 1): as in a simulated view. */
  readonly exposure: number;
  readonly lightColour: Light;
  /** Root mean square of what is left unexplained, in levels of 255 (sRGB, relative to the paper's white). */
  readonly residual: number;
  /** Patches that counted. */
  readonly patches: number;
}

/**
 * Fits what a simulated channel is set by to the patches of a real (or simulated) photograph: exposure and the light's
 * colour from the paper, the printer's dot gain and how black its black is from the grey ramp and the colours.
 * The printer's curve and the camera's are told apart by the camera's being known.
 *
 * @param printer where to begin: paper and inks of the kind at hand.
 * @throws `bad-argument` where the paper is overexposed about too many patches.
 */
export function fitChannel(
  readings: readonly PatchReading[],
  printer: PrinterSettings,
  camera: Pick<CameraSettings, 'whiteBalance'>,
): FittedChannel {
  const usable = readings.filter(({ clipped, white }) => !clipped && Math.min(...white) > 0.01);
  if (usable.length < 8) {
    const text = `${usable.length} of ${readings.length} patches can be read: the paper is over- or underexposed`;
    throw new HalftoneError('bad-argument', text);
  }
  const white = [0, 1, 2].map((c) => median(usable.map((reading) => reading.white[c]!)));
  const mean = (printer.paper[0] + printer.paper[1] + printer.paper[2]) / 3;
  const gains = white.map(
    (light, c) => light / ((WHITE_LEVEL / mean) * printer.paper[c]! * camera.whiteBalance[c]!),
  );
  const seen = usable.map(({ light, white: around }) =>
    light.map((one, c) => srgbOf(Math.min(1, Math.max(0, one / around[c]!)))),
  );
  const rgb = usable.map(({ patch }) => patch.rgb.map((level) => level / 255) as [number, number, number]);
  const cost = ([dotGain, black]: readonly number[]): number => {
    const settings = adjusted(printer, dotGain!, black!);
    let sum = 0;
    for (const [i, colour] of rgb.entries()) {
      const light = printedColour(colour, settings);
      for (let c = 0; c < 3; c++)
        sum += (srgbOf(Math.min(1, light[c]! / settings.paper[c]!)) - seen[i]![c]!) ** 2;
    }
    return sum / (3 * rgb.length);
  };
  const [dotGain, black] = searched(cost, [printer.dotGain, 1], [0.08, 0.5]);
  return {
    printer: adjusted(printer, dotGain!, black!),
    exposure: Math.log2(gains[1]!),
    lightColour: [gains[0]! / gains[1]!, 1, gains[2]! / gains[1]!],
    residual: 255 * Math.sqrt(cost([dotGain!, black!])),
    patches: usable.length,
  };
}

/** The printer with another dot gain, and its black so many times as bright. */
function adjusted(printer: PrinterSettings, dotGain: number, black: number): PrinterSettings {
  const [r, g, b] = printer.inks.black;
  const brighter = (light: number) => Math.min(0.5, light * black);
  return {
    ...printer,
    dotGain,
    inks: { ...printer.inks, black: [brighter(r), brighter(g), brighter(b)] },
  };
}

/** Where a function of a few numbers is least: steps along each, halved when none leads down. */
function searched(
  cost: (at: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
): number[] {
  const bounds = [
    [-0.25, 0.25],
    [0.05, 10],
  ] as const;
  let best = [...start];
  let least = cost(best);
  for (let scale = 1; scale > 1e-3; ) {
    let moved = false;
    for (const [i, step] of steps.entries()) {
      for (const sign of [1, -1]) {
        const next = best.with(
          i,
          Math.min(bounds[i]![1], Math.max(bounds[i]![0], best[i]! + sign * scale * step)),
        );
        const value = cost(next);
        if (value >= least) continue;
        [best, least, moved] = [next, value, true];
      }
    }
    if (!moved) scale /= 2;
  }
  return best;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
