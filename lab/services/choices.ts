import { join } from 'node:path';
import type { Attack, Channel, Defense, ParameterSchema, PluginKind } from '@halftone/sdk';
import { cameras, printers } from '@halftone/sdk/image';
import type { Choices, ChoicesApi, PlainParameters } from '../api/contract/choices.ts';
import { sayFindings } from '../data/schema.ts';
import { loadKind } from '../registry/load-kind.ts';
import { listSets } from '../registry/plugin-sets.ts';
import type { FoundPlugin, PluginOfKind } from '../registry/plugins.ts';
import type { LabContext } from './context.ts';
import { keepFolder } from './kept-folders.ts';

type Published = Attack | Defense | Channel;

/** What experiments can be made of, beside models. */
export function createChoicesService({ registry, materials, dataDir, jobs }: LabContext): ChoicesApi {
  async function list<K extends PluginKind, T>(
    kind: K,
    show: (plugin: PluginOfKind[K], found: FoundPlugin) => T,
  ): Promise<Choices<T>> {
    const { loaded, failed, refused } = await loadKind(registry, kind);
    const choices = loaded.map(({ plugin, found }) => show(plugin, found));
    const broken = [
      ...refused.map(({ folder, findings }) => ({
        name: folder.split(/[\\/]/).at(-1)!,
        problem: sayFindings(findings),
      })),
      ...failed.map(({ found, error }) => ({ name: found.manifest.name, problem: error.message })),
    ];
    return { choices, broken };
  }

  return {
    listAttacks: () =>
      list('attack', (attack, found) => ({
        ...describe(attack, found),
        access: attack.access,
        norm: typeof attack.norm === 'string' ? attack.norm : 'choice',
        targets: attack.criteria.includes('targeted'),
        needsChannel: attack.needs?.includes('channel') ?? false,
      })),
    listDefenses: () =>
      list('defense', (defense, found) => ({ ...describe(defense, found), type: defense.type })),
    listChannels: () => list('channel', describe),
    listData: async () =>
      Promise.all(
        (await listSets(registry)).sets.map(async ({ name, summary, originals, isHere }) => ({
          name,
          summary,
          here: await isHere(materials.dataShelf),
          ...(originals === undefined ? {} : { home: originals.home }),
        })),
      ),
    async listPresets() {
      return {
        printers: Object.keys(printers),
        cameras: Object.entries(cameras).map(([name, { width, height }]) => ({ name, width, height })),
      };
    },
    async keepImages({ name, files }) {
      const kept = await keepFolder(join(dataDir, 'images'), name, files);
      jobs.changed('data');
      return kept;
    },
  };
}

function describe({ name, title, summary, paper, parameters }: Published, { origin }: FoundPlugin) {
  const source = paper === undefined ? {} : { paper: `${paper.authors} (${paper.year}), ${paper.title}` };
  return { name, title, summary, origin, ...source, parameters: plainParameters(parameters) };
}

/** Functions stay behind: a derived default travels as its rule. */
function plainParameters(parameters: ParameterSchema): PlainParameters {
  const plain = Object.entries(parameters).map(([name, parameter]) => {
    const { default: value } = parameter;
    const shown = typeof value === 'object' ? { rule: value.rule } : value;
    return [name, { ...parameter, default: shown }];
  });
  return Object.fromEntries(plain) as PlainParameters;
}
