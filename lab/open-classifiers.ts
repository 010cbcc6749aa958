import type { Classifier } from './runtime/classifier-types.ts';

/** Classifiers kept open between calls, so that the second image doesn't wait for the model again. */
export interface ClassifierShelf {
  /** The classifier of this file. Throws what opening throws. */
  open(path: string): Promise<Classifier>;
  /** Gives all of them back. */
  close(): Promise<void>;
}

/** How many stay open: a person compares a model or two, and each holds its weights in memory. */
const MOST_OPEN = 2;

/** Classifiers by file, the least recently used one given back first. */
export function createClassifierShelf(openFile = openClassifierFile): ClassifierShelf {
  const opened = new Map<string, Promise<Classifier>>();

  async function giveBack(path: string): Promise<void> {
    const classifier = opened.get(path);
    opened.delete(path);
    await classifier?.then((open) => open.close()).catch(() => undefined);
  }

  return {
    async open(path) {
      const classifier = opened.get(path) ?? openFile(path);
      // Taken out and put back: a Map's order is that of insertion, so the first is the least recent.
      opened.delete(path);
      opened.set(path, classifier);
      classifier.catch(() => opened.delete(path));
      const [oldest] = opened.keys();
      if (opened.size > MOST_OPEN && oldest !== undefined) await giveBack(oldest);
      return classifier;
    },
    async close() {
      await Promise.all([...opened.keys()].map(giveBack));
    },
  };
}

async function openClassifierFile(path: string): Promise<Classifier> {
  const { openClassifier } = await import('./runtime/classifier.ts');
  return openClassifier(path);
}
