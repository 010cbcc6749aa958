import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../data/schema.ts';

const dependencyNames = z.object({
  dependencies: z.record(z.string(), z.unknown()).optional(),
  bundleDependencies: z.union([z.boolean(), z.array(z.string())]).optional(),
  bundledDependencies: z.union([z.boolean(), z.array(z.string())]).optional(),
});

interface TreeNode {
  readonly path: string;
  readonly package: Record<string, unknown>;
  readonly isProjectRoot: boolean;
  readonly isLink: false;
  readonly target: TreeNode;
  readonly edgesOut: Map<string, { readonly to: TreeNode; readonly peer: false; readonly dev: false }>;
}

/**
 * A folder's packages as the fetcher asks for them to pack it: the package and, where it says that they come with
 * it, its dependencies in `node_modules`.
 */
export class FolderTree {
  readonly #path: string;

  constructor({ path }: { path: string }) {
    this.#path = path;
  }

  async loadActual(): Promise<TreeNode> {
    return treeNode(this.#path, this.#path, new Map());
  }
}

async function treeNode(path: string, root: string, known: Map<string, TreeNode>): Promise<TreeNode> {
  const content = (await readJson(join(path, 'package.json'))) as Record<string, unknown>;
  const isProjectRoot = path === root;
  const names = dependencyNames.parse(content);
  const bundled = names.bundleDependencies ?? names.bundledDependencies ?? [];
  const all = Object.keys(names.dependencies ?? {});
  const wanted = !isProjectRoot || bundled === true ? all : bundled === false ? [] : bundled;
  const node: TreeNode = {
    path,
    package: { ...content, bundleDependencies: isProjectRoot ? wanted : [] },
    isProjectRoot,
    isLink: false,
    edgesOut: new Map(),
    get target() {
      return node;
    },
  };
  known.set(path, node);
  for (const name of wanted) {
    const found = await findPackage(name, path, root);
    if (found === undefined) continue;
    const to = known.get(found) ?? (await treeNode(found, root, known));
    node.edgesOut.set(name, { to, peer: false, dev: false });
  }
  return node;
}

/** The folder of a dependency: in `node_modules` beside who needs it, or further up within the root. */
async function findPackage(name: string, from: string, root: string): Promise<string | undefined> {
  for (let folder = from; folder.startsWith(root); folder = resolve(folder, '..')) {
    const candidate = join(folder, 'node_modules', name);
    const found = await stat(join(candidate, 'package.json')).catch(() => undefined);
    if (found?.isFile()) return candidate;
  }
  return undefined;
}
