import { z } from 'zod';
import { fileName, imageBytes, modelBytes, nothing } from './shared.ts';

const addModel = z.strictObject({
  /** The file's own name, such as `resnet18.onnx`. */
  name: fileName.refine((name) => /\.onnx$/i.test(name), 'only .onnx files can be added'),
  bytes: modelBytes,
});

const classify = z.strictObject({
  /** `ModelSummary.id`. */
  model: z.string().min(1),
  /** An encoded image (PNG, JPEG, WebP, …). */
  image: imageBytes,
  /** The image's name, for errors. */
  name: z.string().max(500),
  /** How many of the best classes to return. */
  top: z.int().min(1).max(100).default(5),
});

/** The classifiers of the lab. */
export const modelRequests = { listModels: nothing, addModel, classify } as const;

export type AddModelRequest = z.input<typeof addModel>;
export type ClassifyRequest = z.input<typeof classify>;

/** A classifier that can be opened, as its file and its card describe it. */
export interface ModelSummary {
  /** Names the model in other calls. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /** It ships with Halftone, a person added it, or a plugin brings it. */
  readonly origin: 'shipped' | 'added' | 'plugin';
  /** Pixels, where the card says. */
  readonly height?: number;
  readonly width?: number;
  readonly channels?: 'rgb' | 'bgr' | 'grey';
  /** Number of classes, where the card says. */
  readonly classes?: number;
  readonly source?: string;
  readonly licence?: string;
  /** Why the model can't be used as it is: a card that can't be read, say. */
  readonly problem?: string;
}

/** One class with its softmax probability, 0 to 1. */
export interface Score {
  readonly index: number;
  readonly label: string;
  readonly confidence: number;
}

export interface Classification {
  readonly model: string;
  /** Best first. */
  readonly top: readonly Score[];
  /** How many classes there are. */
  readonly classes: number;
  /** What computed it, such as `CPU, 2 threads`. */
  readonly provider: string;
  /** Size in pixels that the image was brought to. */
  readonly height: number;
  readonly width: number;
}

export interface ModelsApi {
  listModels(): Promise<ModelSummary[]>;
  /** Keeps an ONNX file in the lab's folder; refuses a name that is taken and a file that can't be read. */
  addModel(request: AddModelRequest): Promise<ModelSummary>;
  /** The best classes for one image. */
  classify(request: ClassifyRequest): Promise<Classification>;
}
