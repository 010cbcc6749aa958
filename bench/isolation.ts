/**
 * What a process of its own costs an attack: `pgd` in the lab's process and as if a third party had brought it, on the
 * same images, in turns. `node bench/isolation.ts MODEL.onnx [images] [steps] [rounds]` prints both and the share.
 */
import { type Attack, seeded } from '@halftone/sdk';
import { runAttack } from '../lab/registry/attack-host.ts';
import { openIsolated } from '../lab/registry/isolated/index.ts';
import { builtIn, findPlugins, importPlugin, pickPlugin } from '../lab/registry/plugins.ts';
import { openClassifier } from '../lab/runtime/classifier.ts';
import { median } from './statistics.ts';

const [path, count = '8', steps = '10', rounds = '5'] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write(
    'the path of a model is needed: node bench/isolation.ts MODEL.onnx [images] [steps] [rounds]\n',
  );
  process.exit(2);
}

const found = pickPlugin(await findPlugins([builtIn]), 'attack', 'pgd');
const own = (await importPlugin(found)) as Attack;
const isolated = await openIsolated(found);
const classifier = await openClassifier(path);
const random = seeded('isolation');
const size = classifier.input.height * classifier.input.width * classifier.input.channels;
const images = {
  ...classifier.input,
  count: Number(count),
  data: Float32Array.from({ length: Number(count) * size }, () => random.uniform()),
};
const labels = Int32Array.from({ length: Number(count) }, () => random.integer(classifier.classes));

async function seconds(attack: Attack): Promise<number> {
  const parameters = { steps: Number(steps) };
  const started = performance.now();
  await runAttack({
    attack,
    classifier,
    images,
    criterion: { kind: 'untargeted', labels },
    parameters,
    batch: images.count,
  });
  return (performance.now() - started) / 1000;
}

const times = { own: [] as number[], isolated: [] as number[] };
// Not counted: what starts and warms up at the first run.
await seconds(own);
await seconds(isolated.plugin as Attack);
for (let round = 0; round < Number(rounds); round++) {
  times.own.push(await seconds(own));
  times.isolated.push(await seconds(isolated.plugin as Attack));
}
const [here, there] = [median(times.own), median(times.isolated)];
process.stdout.write(
  `pgd, ${steps} steps on ${count} images, median of ${rounds} rounds\n` +
    `in the lab's process   ${here.toFixed(3)} s\n` +
    `in one of its own      ${there.toFixed(3)} s\n` +
    `cost of isolation      ${((there / here - 1) * 100).toFixed(1)} %\n`,
);
isolated.close();
await classifier.close();
