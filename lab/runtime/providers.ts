import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { ProviderName } from './types.ts';

/** What is known about the execution providers of ONNX Runtime, and how each is asked for. */

/** The order in which providers are tried: hardware GPUs first, the CPU, which is always there, last. */
export const PROVIDER_ORDER: readonly ProviderName[] = ['cuda', 'webgpu', 'dml', 'coreml', 'cpu'];

/**
 * ML programs on CPU and GPU: the older network format and the neural engine compute in half precision,
 * too coarse for gradients. Values of COREML_FLAG_CREATE_MLPROGRAM and COREML_FLAG_USE_CPU_AND_GPU.
 */
const COREML_FLAGS = 0x10 | 0x20;

/** How ONNX Runtime is asked for a provider. */
export function executionProvider(name: ProviderName): InferenceSession.ExecutionProviderConfig {
  return name === 'coreml' ? { name, coreMlFlags: COREML_FLAGS } : name;
}

/** The platforms on which a provider can exist at all; the rest everywhere. */
const PLATFORMS: Partial<Record<ProviderName, readonly NodeJS.Platform[]>> = {
  cuda: ['linux', 'win32'],
  dml: ['win32'],
  coreml: ['darwin'],
};

const NAMES: Record<ProviderName, string> = {
  cuda: 'CUDA',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'CoreML',
  cpu: 'CPU',
};

/** A provider in words. @param threads on the CPU. @param software whether the adapter is no hardware. */
export function describeProvider(name: ProviderName, threads: number, software = false): string {
  if (name === 'cpu') return `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return software ? `${NAMES[name]} on a software adapter` : NAMES[name];
}

/** Why a provider can't be had on this platform; undefined when it may be. */
export function wrongPlatform(name: ProviderName): string | undefined {
  const platforms = PLATFORMS[name];
  if (!platforms || platforms.includes(process.platform)) return undefined;
  const systems = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' } as Record<string, string>;
  return `it exists on ${platforms.map((platform) => systems[platform] ?? platform).join(' and ')} only`;
}

/** File names of Vulkan drivers that compute on the CPU: SwiftShader and Mesa's lavapipe. */
const SOFTWARE_DRIVER = /swiftshader|lvp_icd|lavapipe/i;

function vulkanDrivers(): string[] {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named) return named.split(delimiter).filter((file) => file !== '');
  const { XDG_DATA_HOME = join(homedir(), '.local/share'), XDG_DATA_DIRS = '/usr/local/share:/usr/share' } =
    process.env;
  // The last is NixOS's; the others are the Vulkan loader's own search path.
  const roots = ['/etc', XDG_DATA_HOME, ...XDG_DATA_DIRS.split(delimiter), '/run/opengl-driver/share'];
  const folders = roots.map((root) => join(root, 'vulkan/icd.d'));
  return folders.filter(existsSync).flatMap((folder) => readdirSync(folder));
}

/**
 * Whether WebGPU on this machine can only be software, from what the system shows before anything is run. ONNX
 * Runtime does not say which adapter it got. On Linux hardware needs a render node of the kernel (`/dev/dri`,
 * NVIDIA's device, or WSL's) and a Vulkan driver other than the known software ones; elsewhere nothing can be
 * told from files and the answer is false. `isSlow` in `probe.ts` is the second line.
 */
export function onlySoftwareAdapter(): boolean {
  if (process.platform !== 'linux') return false;
  const nodes = existsSync('/dev/dri')
    ? readdirSync('/dev/dri').filter((node) => node.startsWith('renderD'))
    : [];
  const hardware = nodes.length > 0 || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
  return !hardware || vulkanDrivers().every((file) => SOFTWARE_DRIVER.test(basename(file)));
}
