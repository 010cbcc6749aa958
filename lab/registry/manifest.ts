import { type Access, API_VERSION, PLUGIN_KINDS, type PluginKind } from '@halftone/sdk';
import { z } from 'zod';
import { type Finding, findingsOf } from '../data/schema.ts';

/** What a plugin's package.json says of it: enough to list, describe and refuse it without running it. */
export interface Manifest {
  /** The plugin's name on the command line. */
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  readonly kind: PluginKind;
  readonly apiVersion: number;
  /** The module with the default export, relative to the plugin's folder and within it. */
  readonly entry: string;
  /** What an attack asks of the model, for people to see before its code runs; checked against what it defines. */
  readonly access?: Access | undefined;
}

const key = z.strictObject(
  {
    apiVersion: z
      .int({ error: 'a whole number, such as 1' })
      .min(1)
      .refine((version) => version === API_VERSION, {
        error: ({ input }) =>
          `made for plugin API ${String(input)}, this Halftone speaks ${API_VERSION}: ` +
          ((input as number) > API_VERSION
            ? 'a newer Halftone is needed'
            : 'a newer version of it is needed'),
      }),
    kind: z.enum(PLUGIN_KINDS, { error: `the kinds are: ${PLUGIN_KINDS.join(', ')}` }),
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
    entry: z
      .string()
      .regex(/^\.\/[\w./-]+$/, 'a path that begins ./')
      .refine((path) => !path.split('/').includes('..'), 'may not leave the plugin’s folder'),
    access: z.enum(['white-box', 'score', 'decision'] satisfies Access[]).optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? "package.json has no 'halftone' key" : undefined) },
);

const packageJson = z.object({
  name: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+/, 'a version such as 1.0.0'),
  halftone: key,
});

/** A manifest from a parsed package.json, or what is wrong with it, naming the field. */
export function parseManifest(
  value: unknown,
): { manifest: Manifest; findings?: undefined } | { manifest?: undefined; findings: Finding[] } {
  const result = packageJson.safeParse(value);
  if (!result.success) return { findings: findingsOf(result.error) };
  const { name: packageName, version, halftone } = result.data;
  return { manifest: { ...halftone, packageName, version } };
}
