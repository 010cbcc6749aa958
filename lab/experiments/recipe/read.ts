import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileError, parseWith, parseYaml } from '../../data/schema.ts';
import { type ExperimentRecipe, recipeSchema } from './schema.ts';

/** A recipe and the folder that its paths are relative to. */
export interface RecipeFile {
  readonly recipe: ExperimentRecipe;
  readonly folder: string;
}

/**
 * Reads a recipe, YAML or JSON. Throws `not-found`, or `bad-file` naming the file and the line or the field; a
 * misspelt key is one.
 */
export async function readRecipeFile(path: string): Promise<RecipeFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  return { recipe: parseRecipeText(text, path), folder: dirname(resolve(path)) };
}

/** A recipe from its text; `what` names it in errors. Throws `bad-file`. */
export function parseRecipeText(text: string, what: string): ExperimentRecipe {
  return parseWith(recipeSchema, parseYaml(text, what), what);
}
