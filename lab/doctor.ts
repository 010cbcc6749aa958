import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import type { Component, DoctorReport } from './api/contract.ts';
import { readVersion } from './version.ts';

/** The libraries that matter, and what each does here or would bring. */
const libraries = [
  ['onnxruntime-node', 'runs and differentiates classifiers'],
  ['sharp', 'reads and writes images'],
  ['@tensorflow/tfjs-core', 'tensors for attack plugins'],
  ['@tensorflow/tfjs-backend-wasm', 'computes those tensors with SIMD'],
  ['@tensorflow/tfjs-node', 'would compute those tensors natively; optional'],
] as const;

/** What runs here, what doesn't, and why. Each provider is tried on a tiny graph. */
export async function examine(): Promise<DoctorReport> {
  const { probeProviders } = await import('./runtime/index.ts');
  const components = libraries.map(([name, role]) => installed(name, role));
  return { providers: await probeProviders(), components: await Promise.all(components) };
}

async function installed(name: string, role: string): Promise<Component> {
  return { name, role, version: await versionOf(name) };
}

async function versionOf(name: string): Promise<string | null> {
  const manifest = manifestOf(name);
  return manifest === undefined ? null : readVersion(dirname(manifest));
}

function manifestOf(name: string): string | undefined {
  try {
    return findPackageJSON(name, import.meta.url);
  } catch {
    return undefined;
  }
}
