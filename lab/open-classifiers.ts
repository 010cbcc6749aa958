import { stat } from 'node:fs/promises';
import { findCard } from './runtime/card.ts';
import type { Classifier } from './runtime/classifier-types.ts';

/** Classifiers kept open between calls, so that the second image doesn't wait for the model again. */
export interface ClassifierShelf {
  /**
   * Does something with the classifier of this file, opening it where it isn't, and anew where the file or its card
   * changed meanwhile. Throws what either throws.
   */
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

/** Classifiers by file as it was when it was opened; of those that nobody uses, the least recent is given back first. */
export function createClassifierShelf(openFile = openClassifierFile): ClassifierShelf {
  const opened = new Map<string, Opened>();

  function take(key: string, path: string): Opened {
    const entry = opened.get(key) ?? { classifier: openFile(path), users: 0 };
    // Taken out and put back: a Map's order is that of insertion, so the first is the least recent.
    opened.delete(key);
    opened.set(key, entry);
    return entry;
  }

  async function tidy(): Promise<void> {
    const idle = [...opened].filter(([, { users }]) => users === 0);
    const surplus = idle.slice(0, Math.max(0, opened.size - MOST_OPEN));
    await Promise.all(surplus.map(([key, entry]) => giveBack(key, entry)));
  }

  async function giveBack(key: string, entry: Opened): Promise<void> {
    opened.delete(key);
    await entry.classifier.then(
      (classifier) => classifier.close(),
      // It never opened: its users were told.
      () => undefined,
    );
  }

  return {
    async use(path, work) {
      const key = `${path}\n${await stampOf(path)}`;
      const entry = take(key, path);
      entry.users += 1;
      try {
        return await work(await entry.classifier);
      } catch (error) {
        // The next call tries anew, whether it was the file or what was done with it that failed.
        if (opened.get(key) === entry && entry.users === 1) await giveBack(key, entry);
        throw error;
      } finally {
        entry.users -= 1;
        await tidy();
      }
    },
    async close() {
      await Promise.all([...opened].map(([key, entry]) => giveBack(key, entry)));
    },
  };
}

async function openClassifierFile(path: string): Promise<Classifier> {
  const { openClassifier } = await import('./runtime/classifier.ts');
  return openClassifier(path);
}

/** Changes whenever the model's file or its card does. */
async function stampOf(path: string): Promise<string> {
  const card = await findCard(path);
  const files = card === undefined ? [path] : [path, card];
  const stamps = files.map(async (file) => {
    // A file that isn't there is for opening to say.
    const found = await stat(file).catch(() => undefined);
    return found === undefined ? '' : `${file} ${found.mtimeMs} ${found.size} ${found.ino}`;
  });
  return (await Promise.all(stamps)).join('\n');
}
