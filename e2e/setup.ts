import { build, isStale } from '../server/build.ts';
import { root } from './root.ts';

/** Before any of these tests: the bundles as the sources are now; not where `RENDERER` names one. */
export default async function setup(): Promise<void> {
  if (!process.env.RENDERER && (await isStale(root))) await build(root);
}
