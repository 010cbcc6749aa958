export { type ImportOptions, importModel, readModelFile } from './read.ts';
export { writeModel, writeModelFile } from './write.ts';
