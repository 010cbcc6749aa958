import { type CapturesApi, captureRequests } from './contract/captures.ts';
import { type ChoicesApi, choiceRequests } from './contract/choices.ts';
import { type ComparisonsApi, comparisonRequests } from './contract/comparisons.ts';
import { type DataApi, dataRequests } from './contract/data.ts';
import { type HouseApi, houseRequests } from './contract/house.ts';
import { type JobsApi, jobRequests } from './contract/jobs.ts';
import { type ModelsApi, modelRequests } from './contract/models.ts';
import { type PluginsApi, pluginRequests } from './contract/plugins.ts';
import { type RunAdminApi, runAdminRequests } from './contract/run-admin.ts';
import { type RunsApi, runRequests } from './contract/runs.ts';
import { type SheetsApi, sheetRequests } from './contract/sheets.ts';

export type * from './contract/captures.ts';
export type * from './contract/choices.ts';
export type * from './contract/comparisons.ts';
export type * from './contract/data.ts';
export type * from './contract/house.ts';
export type * from './contract/jobs.ts';
export type * from './contract/models.ts';
export type * from './contract/plugins.ts';
export type * from './contract/run-admin.ts';
export type * from './contract/runs.ts';
export type * from './contract/sheets.ts';

/**
 * What a method takes, by name: the host parses every request with it before the lab sees it.
 * A name that isn't here can't be called.
 */
export const requestSchemas = {
  ...houseRequests,
  ...modelRequests,
  ...jobRequests,
  ...choiceRequests,
  ...dataRequests,
  ...runRequests,
  ...runAdminRequests,
  ...sheetRequests,
  ...captureRequests,
  ...comparisonRequests,
  ...pluginRequests,
} as const;

/** The lab as a host sees it. Every method may throw `HalftoneError`. */
export interface LabApi
  extends HouseApi,
    ModelsApi,
    JobsApi,
    ChoicesApi,
    DataApi,
    RunsApi,
    RunAdminApi,
    SheetsApi,
    CapturesApi,
    ComparisonsApi,
    PluginsApi {}

export type MethodName = keyof LabApi;

/** Every method of the contract. */
export const methodNames = Object.keys(requestSchemas) as MethodName[];
