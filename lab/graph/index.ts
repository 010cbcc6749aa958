export { checkGraph } from './check.ts';
export type { ReadExternal } from './file/external.ts';
export { type ImportOptions, importModel, readModelFile } from './read.ts';
export { writeModel, writeModelFile } from './write.ts';
