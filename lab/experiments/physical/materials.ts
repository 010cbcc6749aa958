import type { Attack, Channel, PluginKind, TransformDefense } from '@halftone/sdk';
import type { DataSet } from '../../data/sets/index.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import type { PhotographReader } from '../../vision/node/reader.ts';

/** What a physical experiment needs of the lab around it. */
export interface Materials {
  /** Does something with a model of the recipe, by its name there. Throws `not-found`, and as the work does. */
  useModel<T>(name: string, work: (classifier: Classifier) => Promise<T>): Promise<T>;
  /** The file of a model. Throws `not-found`. */
  modelPath(name: string): Promise<string>;
  /** Throws `not-found`, `bad-plugin`. */
  loadAttack(name: string): Promise<Attack>;
  /** Throws `not-found`, `bad-plugin`. */
  loadChannel(name: string): Promise<Channel>;
  /** A defence that changes images. Throws `not-found`, `bad-plugin`, `bad-argument` for one of another kind. */
  loadDefense(name: string): Promise<TransformDefense>;
  /** Which plugin goes by a name now, for records. Throws `not-found`. */
  pluginMark(kind: PluginKind, name: string): Promise<PluginMark>;
  /** Opens a data set by name: the lab's or a plugin's. Throws `not-found`, `bad-plugin`, and as its reader. */
  openSet(name: string): Promise<DataSet>;
  /** Looks at photographs, on threads of its own. */
  readonly reader: PhotographReader;
  /** The folder of the data sets that were added. */
  readonly dataShelf: string;
}

/** Which plugin it is. */
export interface PluginMark {
  readonly version: string;
  /** Of its files; absent for one that is being written and holds what no plugin may. */
  readonly checksum?: string;
}

/** A stage of a physical experiment, in order. */
export const stages = ['examples', 'sheets', 'captures', 'crops', 'verdicts', 'report'] as const;
export type Stage = (typeof stages)[number];

/** How far a run is. */
export interface RunProgress {
  readonly stage: Stage;
  /** What is under way, in words. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** What every stage takes beside its run. */
export interface StageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}
