import { build, isStale } from '../server/build.ts';
import { root } from './root.ts';

/** Before any of these tests: the bundles as the sources are now; or as they were built, where `AS_BUILT` is set. */
export default async function setup(): Promise<void> {
  if (!process.env.AS_BUILT && (await isStale(root))) await build(root);
}
