import { z } from 'zod';
import type { CellImage, Sheet } from '../../vision/sheet/geometry.ts';
import { type SheetSettings, sheetSettingsSchema } from '../../vision/sheet/settings.ts';
import { fileName, named } from './shared.ts';

const setSheetSettings = z.strictObject({ id: fileName, settings: sheetSettingsSchema });

/** Sheets to print. Layout is arithmetic that both ends can do: `layOut` of `lab/vision/sheet`. */
export const sheetRequests = { sheetPlan: named, setSheetSettings, runSheets: named } as const;

export type SetSheetSettingsRequest = z.input<typeof setSheetSettings>;
export type { CellImage, Sheet, SheetSettings };

/** What goes to paper, before it is laid out. */
export interface SheetPlan {
  /** What the run is called on paper: `layOut`'s second argument. */
  readonly name: string;
  readonly settings: SheetSettings;
  /** Images in the order that they are laid out in; their files are the run's. Empty where none is made yet. */
  readonly cells: readonly CellImage[];
  /** Names of the classes, for legends. */
  readonly classes: readonly string[];
  /** Why there is nothing to print. */
  readonly problem?: string;
  /** The sheets were photographed: another layout would no longer fit the captures. */
  readonly fixed: boolean;
}

export interface SheetsApi {
  sheetPlan(request: { id: string }): Promise<SheetPlan>;
  /** Changes the layout; sheets that are laid out go. Throws `bad-argument` where they were photographed. */
  setSheetSettings(request: SetSheetSettingsRequest): Promise<void>;
  /** The sheets as they are laid out (`startRun` until `sheets`); the PDF is the run's `sheets/sheets.pdf`. */
  runSheets(request: { id: string }): Promise<Sheet[]>;
}
