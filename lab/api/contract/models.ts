import { z } from 'zod';
import type { ClassEntry } from '../../data/classes.ts';
import type { ModelCard } from '../../runtime/card.ts';
import { cardSchema } from '../../runtime/card-schema.ts';
import { bytesUpTo, fileName, imageBytes, modelBytes, nothing } from './shared.ts';

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

/** `ModelSummary.id`: it has the folder in it. */
const model = z.strictObject({ id: z.string().min(1).max(500) });

const setModelCard = z.strictObject({
  ...model.shape,
  card: cardSchema.omit({ classes: true, training: true }).extend({
    classes: z
      .array(z.strictObject({ id: z.string().min(1).max(200).optional(), name: z.string().min(1).max(500) }))
      .min(1)
      .max(100_000)
      .optional(),
  }),
});

const readClasses = z.strictObject({ name: fileName, bytes: bytesUpTo(16 * 2 ** 20) });

/** The classifiers of the lab. */
export const modelRequests = {
  listModels: nothing,
  addModel,
  classify,
  modelCard: model,
  setModelCard,
  readClasses,
  removeModel: model,
  restoreModel: model,
  dataShape: z.strictObject({ set: z.string().min(1).max(200) }),
} as const;

export type AddModelRequest = z.input<typeof addModel>;
export type ClassifyRequest = z.input<typeof classify>;
export type SetModelCardRequest = z.input<typeof setModelCard>;
/** A card as a person writes it: what is left out takes its default. */
export type WrittenCard = SetModelCardRequest['card'];
export type { ClassEntry, ModelCard };

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

/** Everything that is known of a model. */
export interface ModelDetail {
  readonly summary: ModelSummary;
  /** Null where there is none; `summary.problem` says where there is one that can't be read. */
  readonly card: ModelCard | null;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  /** What the graph says of itself; null where it can't be read. */
  readonly graph: ModelGraph | null;
  /** Why the graph can't be used: with its card, where it has one. */
  readonly problem?: string;
}

export interface ModelGraph {
  /** Of the first input, such as `N`, 3, 224, 224; null where not even the rank is known. */
  readonly input: readonly (number | string)[] | null;
  /** Numbers of the weights and constants. */
  readonly parameters: number;
  readonly nodes: number;
  /** Logits, as the graph and the card make them; absent where they make none. */
  readonly classes?: number;
}

/** The size of a data set's images, and how many classes they are of. */
export interface DataShape {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: number;
  readonly classes: number;
}

export interface ModelsApi {
  listModels(): Promise<ModelSummary[]>;
  /** Keeps an ONNX file in the lab's folder; refuses a name that is taken and a file that can't be read. */
  addModel(request: AddModelRequest): Promise<ModelSummary>;
  /** The best classes for one image. */
  classify(request: ClassifyRequest): Promise<Classification>;
  /** Reads the file: a second or so for a large one. */
  modelCard(request: { id: string }): Promise<ModelDetail>;
  /** Writes the card of an added model, beside it. Refuses one that doesn't go with the graph. */
  setModelCard(request: SetModelCardRequest): Promise<ModelSummary>;
  /** The classes in a file: JSON as cards have them, or text with a name a line. */
  readClasses(request: { name: string; bytes: Uint8Array }): Promise<ClassEntry[]>;
  /** Puts an added model away with its card; `restoreModel` brings it back. */
  removeModel(request: { id: string }): Promise<void>;
  restoreModel(request: { id: string }): Promise<void>;
  /** What a model has to take to be used on a data set. Throws `not-found` where its files aren't here. */
  dataShape(request: { set: string }): Promise<DataShape>;
}
