import type { Classifier } from './runtime/classifier-types.ts';

/** Classifiers kept open between calls, so that the second image doesn't wait for the model again. */
export interface ClassifierShelf {
  /** Does something with the classifier of this file, opening it where it isn't. Throws what either throws. */
  use<T>(path: string, work: (classifier: Classifier) => Promise<T>): Promise<T>;
  /** Gives all of them back. */
  close(): Promise<void>;
}

interface Opened {
  readonly classifier: Promise<Classifier>;
  /** Calls that are at work with it. */
  users: number;
}

/** How many stay open: a person compares a model or two, and each holds its weights in memory. */
const MOST_OPEN = 2;

/** Classifiers by file; of those that nobody uses, the least recent is given back first. */
export function createClassifierShelf(openFile = openClassifierFile): ClassifierShelf {
  const opened = new Map<string, Opened>();

  function take(path: string): Opened {
    const entry = opened.get(path) ?? { classifier: openFile(path), users: 0 };
    // Taken out and put back: a Map's order is that of insertion, so the first is the least recent.
    opened.delete(path);
    opened.set(path, entry);
    return entry;
  }

  async function tidy(): Promise<void> {
    const idle = [...opened].filter(([, { users }]) => users === 0);
    const surplus = idle.slice(0, Math.max(0, opened.size - MOST_OPEN));
    await Promise.all(surplus.map(([path, entry]) => giveBack(path, entry)));
  }

  async function giveBack(path: string, entry: Opened): Promise<void> {
    opened.delete(path);
    await entry.classifier.then(
      (classifier) => classifier.close(),
      // It never opened: its users were told.
      () => undefined,
    );
  }

  return {
    async use(path, work) {
      const entry = take(path);
      entry.users += 1;
      try {
        return await work(await entry.classifier);
      } catch (error) {
        // The next call tries anew, whether it was the file or what was done with it that failed.
        if (opened.get(path) === entry && entry.users === 1) await giveBack(path, entry);
        throw error;
      } finally {
        entry.users -= 1;
        await tidy();
      }
    },
    async close() {
      await Promise.all([...opened].map(([path, entry]) => giveBack(path, entry)));
    },
  };
}

async function openClassifierFile(path: string): Promise<Classifier> {
  const { openClassifier } = await import('./runtime/classifier.ts');
  return openClassifier(path);
}
