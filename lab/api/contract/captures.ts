import { z } from 'zod';
import type { CaptureRecord, CropRecord } from '../../experiments/physical/capture-record.ts';
import type { Camera } from '../../vision/finder/lens.ts';
import type { Job } from './jobs.ts';
import { fileName, imageBytes, nothing } from './shared.ts';

const cameraName = z.string().trim().min(1).max(80);
const captureNamed = z.strictObject({ id: fileName, name: fileName });
/** `null` leaves it to the grades. */
const decision = z.enum(['excluded', 'included']).nullable();

const addCapture = z.strictObject({
  id: fileName,
  /** The photograph's own name; it decides nothing but the extension. */
  name: fileName,
  bytes: imageBytes,
  origin: z.enum(['webcam', 'file']),
  /** Name of the calibrated camera that took it. */
  camera: cameraName.optional(),
});

const simulateRun = z.strictObject({
  id: fileName,
  printer: z.string().min(1).max(100),
  camera: z.string().min(1).max(100),
  views: z.int().min(1).max(200),
});

const calibrateCamera = z.strictObject({
  name: cameraName,
  paper: z.enum(['A4', 'Letter']).default('A4'),
  photographs: z
    .array(z.strictObject({ name: fileName, bytes: imageBytes }))
    .min(1)
    .max(100),
});

/** Photographs of sheets, and the cameras that take them. */
export const captureRequests = {
  listCaptures: z.strictObject({ id: fileName }),
  addCapture,
  capturePreview: z.strictObject({ id: fileName, name: fileName, width: z.int().min(16).max(4096) }),
  removeCapture: captureNamed,
  restoreCapture: captureNamed,
  decideCapture: z.strictObject({ id: fileName, name: fileName, decision }),
  decideCrop: z.strictObject({ id: fileName, name: fileName, file: z.string().max(500), decision }),
  simulateRun,
  listCameras: nothing,
  calibrationBoard: z.strictObject({ paper: z.enum(['A4', 'Letter']).default('A4') }),
  calibrateCamera,
  removeCamera: z.strictObject({ name: cameraName }),
} as const;

export type AddCaptureRequest = z.input<typeof addCapture>;
export type DecideCaptureRequest = z.input<typeof captureRequests.decideCapture>;
export type DecideCropRequest = z.input<typeof captureRequests.decideCrop>;
export type SimulateRunRequest = z.input<typeof simulateRun>;
export type CalibrateCameraRequest = z.input<typeof calibrateCamera>;
export type { Camera, CaptureRecord, CropRecord };

/** A calibrated camera. */
export interface NamedCamera {
  readonly name: string;
  readonly camera: Camera;
}

export interface Calibrated extends NamedCamera {
  /** Photographs that could not be used, with the reason. */
  readonly unused: readonly { readonly photograph: string; readonly message: string }[];
}

export interface CapturesApi {
  listCaptures(request: { id: string }): Promise<CaptureRecord[]>;
  /**
   * Takes one photograph into a run and looks at it: which sheet, how good, its crops. One without a sheet of the run
   * is kept too, and says why. The same bytes are taken once.
   */
  addCapture(request: AddCaptureRequest): Promise<CaptureRecord>;
  /**
   * A photograph as a WebP at most `width` pixels wide, upright: of formats too that browsers don't know, and for a
   * hundredth of the bytes. Throws `not-found`, `bad-image`.
   */
  capturePreview(request: { id: string; name: string; width: number }): Promise<Uint8Array>;
  /** Puts a photograph away; `restoreCapture` brings it back. */
  removeCapture(request: { id: string; name: string }): Promise<void>;
  restoreCapture(request: { id: string; name: string }): Promise<void>;
  decideCapture(request: DecideCaptureRequest): Promise<CaptureRecord>;
  /** `file` is the crop's. */
  decideCrop(request: DecideCropRequest): Promise<CaptureRecord>;
  /** Prints and photographs the run's sheets in simulation and measures them, as a job. */
  simulateRun(request: SimulateRunRequest): Promise<Job>;
  listCameras(): Promise<NamedCamera[]>;
  /** The board to print, as PDF. */
  calibrationBoard(request: { paper?: 'A4' | 'Letter' }): Promise<Uint8Array>;
  /** Finds a camera's lens from photographs of the board, and keeps it under a name. */
  calibrateCamera(request: CalibrateCameraRequest): Promise<Calibrated>;
  removeCamera(request: { name: string }): Promise<void>;
}
