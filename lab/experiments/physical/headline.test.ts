import { expect, test } from 'vitest';
import type { Run } from '../../runs/folder.ts';
import { proportion } from '../metrics.ts';
import { comparePaired } from '../paired.ts';
import { headline } from './headline.ts';
import type { PhysicalResults } from './results.ts';

const variant = (attack: string) => ({
  key: `${attack}-epsilon-8-255`,
  title: `${attack}, epsilon 8/255`,
  attack,
  parameters: {},
  epsilon: 8 / 255,
});
const run = { record: { variants: [variant('bim'), variant('fgsm')] } } as unknown as Run;

function results(told: boolean, simulated: number): PhysicalResults {
  const row = (attack: string, destroyed: number) => ({
    model: 'net',
    variant: variant(attack).key,
    destruction: proportion(destroyed, 40),
    photoFooled: proportion(40 - destroyed, 40),
  });
  const destruction = {
    value: 0.25,
    low: told ? 0.1 : -0.1,
    high: 0.5,
    p: told ? 0.0004 : 0.2,
    told,
    images: 20,
  };
  const fooled = comparePaired(Array(20).fill(true), Array(20).fill(true));
  return {
    captures: { taken: 8, used: 8, simulated, crops: { cut: 80, used: 80 } },
    rows: [row('bim', 30), row('fgsm', 20)],
    comparisons: [
      {
        model: 'net',
        first: variant('bim').key,
        second: variant('fgsm').key,
        images: 20,
        fileFooled: fooled,
        photoFooled: fooled,
        destruction,
      },
    ],
  } as unknown as PhysicalResults;
}

test('the answer comes first, with what it rests on', () => {
  const [told] = headline(run, results(true, 0));
  expect(told).toMatch(
    /^At epsilon 8\/255 print and camera destroy more of bim than of fgsm: 75\.0% \(30\/40, /,
  );
  expect(told).toContain('25.0 points apart (95% 10.0 to 50.0, p < 0.001, 20 images)');
  expect(told).toMatch(
    /As files, 100\.0% \(20\/20\) of bim and 100\.0% \(20\/20\) of fgsm .*: not told apart\.$/,
  );
});

test('what the data can’t tell is not told, and simulation is called so', () => {
  const [open] = headline(run, results(false, 8));
  expect(open).toMatch(
    /^At epsilon 8\/255 the data can’t tell whether simulated print and camera destroy more/,
  );
  expect(headline(run, { ...results(false, 0), comparisons: [] })[0]).toMatch(/^Bim, epsilon 8\/255: 25\.0%/);
});
