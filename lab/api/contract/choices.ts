import type { Access, ParameterSchema } from '@halftone/sdk';
import { z } from 'zod';
import { nothing } from './shared.ts';

/** What an experiment can be made of, beside models. */
export const choiceRequests = {
  listAttacks: nothing,
  listDefenses: nothing,
  listChannels: nothing,
  listData: nothing,
  listPresets: nothing,
  keepImages: z.strictObject({
    /** For people: the name of the folder that was dropped. */
    name: z.string().min(1).max(100),
    /** Image files by their path within the folder, with `/`. */
    files: z
      .array(z.strictObject({ path: z.string().min(1).max(300), bytes: z.instanceof(Uint8Array) }))
      .min(1)
      .max(20_000),
  }),
} as const;

export type KeepImagesRequest = z.input<typeof choiceRequests.keepImages>;

/** A parameter as `ParameterSchema` has it, its derived default as the rule in words: functions can't travel. */
export type PlainParameters = {
  readonly [name: string]: PlainParameter;
};

type Plain<P> = P extends { default: infer D }
  ? Omit<P, 'default'> & { readonly default: D extends { rule: string } ? { readonly rule: string } : D }
  : never;
export type PlainParameter = Plain<ParameterSchema[string]>;

/** What all plugins that an experiment may choose have in common. */
interface Choice {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly origin: 'built-in' | 'installed' | 'development';
  readonly paper?: string;
  readonly parameters: PlainParameters;
}

export interface AttackChoice extends Choice {
  readonly access: Access;
  /** Of its perturbation, such as `linf`. */
  readonly norm: string;
  /** It can be asked for a class. */
  readonly targets: boolean;
  /** It trains through a channel. */
  readonly needsChannel: boolean;
}

export interface DefenseChoice extends Choice {
  readonly type: string;
}

export type ChannelChoice = Choice;

/** A plugin that is there and can't be used, with the reason. */
export interface BrokenChoice {
  readonly name: string;
  readonly problem: string;
}

export interface Choices<T> {
  readonly choices: readonly T[];
  readonly broken: readonly BrokenChoice[];
}

export interface DataChoice {
  readonly name: string;
  readonly summary: string;
  /** Its files are here. */
  readonly here: boolean;
  /** Where its original files come from. */
  readonly home?: string;
}

/** Names that the simulated channel's parts go by. */
export interface PresetChoices {
  readonly printers: readonly string[];
  readonly cameras: readonly { readonly name: string; readonly width: number; readonly height: number }[];
}

export interface ChoicesApi {
  listAttacks(): Promise<Choices<AttackChoice>>;
  listDefenses(): Promise<Choices<DefenseChoice>>;
  listChannels(): Promise<Choices<ChannelChoice>>;
  listData(): Promise<DataChoice[]>;
  listPresets(): Promise<PresetChoices>;
  /** Keeps a dropped folder of images in the lab's folder and gives its path, for a recipe's `folder`. */
  keepImages(request: KeepImagesRequest): Promise<{ folder: string; images: number }>;
}
