import { describe, expect, it } from 'vitest';
import { createClassifierShelf } from './open-classifiers.ts';
import type { Classifier } from './runtime/classifier-types.ts';

function recorded() {
  const events: string[] = [];
  const open = async (path: string) => {
    events.push(`open ${path}`);
    if (path === 'broken') throw new Error('broken');
    return { close: async () => void events.push(`close ${path}`) } as Classifier;
  };
  return { events, shelf: createClassifierShelf(open) };
}

const nothing = async () => undefined;

describe('classifiers kept open', () => {
  it('are opened once and given back least recent first', async () => {
    const { events, shelf } = recorded();
    for (const path of ['a', 'b', 'a', 'c']) await shelf.use(path, nothing);
    expect(events).toEqual(['open a', 'open b', 'open c', 'close b']);
    await shelf.close();
    expect(events.slice(4).sort()).toEqual(['close a', 'close c']);
  });

  it('are not given back while somebody works with them', async () => {
    const { events, shelf } = recorded();
    const { promise, resolve } = Promise.withResolvers<void>();
    const working = shelf.use('a', () => promise);
    for (const path of ['b', 'c', 'd']) await shelf.use(path, nothing);
    expect(events).not.toContain('close a');
    resolve();
    await working;
  });

  it('that fail are opened anew at the next call', async () => {
    const { events, shelf } = recorded();
    await expect(shelf.use('broken', nothing)).rejects.toThrow('broken');
    await expect(shelf.use('broken', nothing)).rejects.toThrow('broken');
    expect(events).toEqual(['open broken', 'open broken']);
  });
});
