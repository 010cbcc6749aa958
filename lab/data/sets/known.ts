import type { PublishedFile } from '../download.ts';
import type { DataSet } from './types.ts';

/** A data set that the lab knows by name, wherever its files are. */
export interface KnownSet {
  /** A word as on the command line. */
  readonly name: string;
  /** A line on what it is and where it comes from. */
  readonly summary: string;
  /** Whether it can be opened: its files are there. `shelf` is the folder of data sets that were added. */
  isHere(shelf: string): Promise<boolean>;
  /** Throws `not-found` where it has to be added first, saying how; `bad-file`, `bad-labels` naming the file. */
  open(shelf: string): Promise<DataSet>;
  /** There for sets whose original files have to be added. */
  readonly originals?: Originals;
}

/** How a data set's original files are told and checked. */
export interface Originals {
  /** The files, for a person who looks for them. */
  readonly files: readonly string[];
  /** Where their authors give them to the world. */
  readonly home: string;
  /** Where each file can be had; the name in the address is the one that `check` looks for. */
  readonly published: readonly PublishedFile[];
  /** Every file read and checked. Throws `not-found`, `bad-file`, `bad-labels`, naming the file. */
  check(folder: string): Promise<CheckedFile[]>;
}

/** A file of a data set that was found to be right. */
export interface CheckedFile {
  /** Its name on the shelf. */
  readonly file: string;
  /** As the set's `open` wants it: unpacked. */
  readonly bytes: Uint8Array;
  /** `checksum`: it is its authors' file. `contents`: format, size, labels and images of each class are right. */
  readonly checked: 'checksum' | 'contents';
}
