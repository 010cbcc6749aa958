import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** For tests alone: WebGPU without a GPU, on SwiftShader, the software Vulkan that comes with Chromium. */

/** Where Chromium's packages put SwiftShader's manifest. `HALFTONE_SWIFTSHADER` names another file. */
const MANIFESTS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/** dlopen's flag for a library that stays loaded. Node has no name for it. */
const RTLD_NODELETE = 0x1000;

export type SoftwareWebGpu =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/**
 * Points this process at software Vulkan, so that `createRuntime({ providers: ['webgpu'] })` works afterwards.
 * Call it before the process's first WebGPU session, on the main thread: worker threads have only a copy of
 * the environment. Use as `describe.skipIf(!gpu.available)`, with the reason in the title. Slow: keep graphs tiny.
 */
export function softwareWebGpu(): SoftwareWebGpu {
  if (process.platform !== 'linux')
    return { available: false, reason: 'software Vulkan is set up on Linux only' };
  const named = process.env.HALFTONE_SWIFTSHADER;
  const manifest = (named ? [named] : MANIFESTS).find(existsSync);
  if (!manifest) return { available: false, reason: 'no SwiftShader (it comes with Chromium)' };
  process.env.VK_ICD_FILENAMES = manifest;
  keepLoaded(join(dirname(manifest), 'libvulkan.so.1'));
  return { available: true };
}

/**
 * Where the system has no Vulkan loader, Chromium's own serves: once in the process, it is found by its name.
 * `process.dlopen` is the only way to load a library from here; it complains that this one is no add-on.
 */
function keepLoaded(library: string): void {
  if (!existsSync(library)) return;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  } catch (error) {
    if (!(error instanceof Error && /did not self-register/.test(error.message))) throw error;
  }
}
