import { build, isStale } from '../server/build.ts';
import { root } from './root.ts';

/** Before any of these tests: the bundles as the sources are now. */
export default async function setup(): Promise<void> {
  if (await isStale(root)) await build(root);
}
