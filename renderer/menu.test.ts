import { expect, it } from 'vitest';
import { callFromMenu } from './menu.ts';
import type { Command } from './stores/commands.ts';

it('calls a command from the menu, on its page where it isn’t there yet', async () => {
  const called: string[] = [];
  const command = (id: string, enabled = true): Command => ({
    id,
    name: id,
    enabled: () => enabled,
    run: () => called.push(id),
  });
  const commands = { all: [command('go.Bench'), command('run.close', false)] };
  const router = {
    push: async (path: unknown) => {
      called.push(String(path));
      setTimeout(() => commands.all.push(command('sheets.save')), 30);
    },
  };
  for (const id of ['go.Bench', 'run.close', 'sheets.save', 'nowhere.at-all']) {
    await callFromMenu(id, commands, router as never);
  }
  expect(called).toEqual(['go.Bench', '/print', 'sheets.save']);
});
