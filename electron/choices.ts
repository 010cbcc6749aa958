import type { OpenDialogOptions } from 'electron';
import type { Choice } from './messages.ts';

const folder = { properties: ['openDirectory'] } satisfies OpenDialogOptions;

function file(name: string, ...extensions: string[]): OpenDialogOptions {
  return { properties: ['openFile'], filters: [{ name, extensions }] };
}

/** The system's dialog for each thing that a person chooses. */
export const dialogs: Readonly<Record<Choice, OpenDialogOptions>> = {
  images: { ...folder, title: 'A folder of images' },
  'plugin-folder': { ...folder, title: 'A plugin’s folder' },
  'plugin-archive': { ...file('Plugins', 'tgz', 'gz'), title: 'A plugin’s package' },
  'run-folder': { ...folder, title: 'A run’s folder' },
  'run-archive': { ...file('Zipped runs', 'zip'), title: 'A zipped run' },
  model: { ...file('Models', 'onnx', 'json'), title: 'A model' },
};
