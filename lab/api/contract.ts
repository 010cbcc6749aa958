import { z } from 'zod';

/** Bytes of one file that a person hands in; more is a mistake, not a picture or a classifier. */
const megabyte = 2 ** 20;

function bytesUpTo(limit: number) {
  return z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length > 0, 'the file is empty')
    .refine((bytes) => bytes.length <= limit, `the file is larger than ${limit / megabyte} MB`);
}

const fileName = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'a file name without folders');

const addModel = z.strictObject({
  /** The file's own name, such as `resnet18.onnx`. */
  name: fileName.refine((name) => /\.onnx$/i.test(name), 'only .onnx files can be added'),
  bytes: bytesUpTo(1024 * megabyte),
});

const classify = z.strictObject({
  /** `ModelSummary.id`. */
  model: z.string().min(1),
  /** An encoded image (PNG, JPEG, WebP, …). */
  image: bytesUpTo(256 * megabyte),
  /** The image's name, for errors. */
  name: z.string().max(500),
  /** How many of the best classes to return. */
  top: z.int().min(1).max(100).default(5),
});

/**
 * What a method takes, by name: the host parses every request with it before the lab sees it.
 * A name that isn't here can't be called.
 */
export const requestSchemas = {
  about: z.undefined().or(z.null()),
  doctor: z.undefined().or(z.null()),
  listModels: z.undefined().or(z.null()),
  addModel,
  classify,
} as const;

export type AddModelRequest = z.input<typeof addModel>;
export type ClassifyRequest = z.input<typeof classify>;

/** What runs here. */
export interface About {
  readonly version: string;
  /** Node's words: `linux x64`. */
  readonly platform: string;
  readonly node: string;
  /** Where this lab keeps what it is given. */
  readonly dataDir: string;
}

/** One execution provider of ONNX Runtime. */
export interface ProviderState {
  readonly name: string;
  readonly available: boolean;
  /** In words, such as `CPU, 8 threads`. */
  readonly description: string;
  /** Why it isn't available. */
  readonly reason?: string;
}

/** A library that the lab stands on. */
export interface Component {
  readonly name: string;
  /** Null where it isn't installed. */
  readonly version: string | null;
  /** What it does here, or what it would bring. */
  readonly role: string;
}

export interface DoctorReport {
  readonly providers: readonly ProviderState[];
  readonly components: readonly Component[];
}

/** A classifier that can be opened, as its file and its card describe it. */
export interface ModelSummary {
  /** Names the model in other calls. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /** It ships with Halftone, or a person added it. */
  readonly origin: 'shipped' | 'added';
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

/** The lab as a host sees it. Every method may throw `HalftoneError`. */
export interface LabApi {
  about(): Promise<About>;
  /** Tries each provider: a second or so. */
  doctor(): Promise<DoctorReport>;
  listModels(): Promise<ModelSummary[]>;
  /** Keeps an ONNX file in the lab's folder; refuses a name that is taken and a file that can't be read. */
  addModel(request: AddModelRequest): Promise<ModelSummary>;
  /** The best classes for one image. */
  classify(request: ClassifyRequest): Promise<Classification>;
}

export type MethodName = keyof LabApi;
