import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { NamedCamera } from '../../lab/api.ts';
import { onTopic } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';

/** Cameras that were calibrated, by the names that the browser knows them by. */
export const useCameras = defineStore('cameras', () => {
  const lab = useLab();
  const cameras = shallowRef<readonly NamedCamera[]>([]);
  const error = shallowRef<unknown>();

  onTopic(
    () => 'cameras',
    async () => {
      try {
        cameras.value = await (await lab.lab()).listCameras();
        error.value = undefined;
      } catch (cause) {
        if (!isLineLost(cause)) error.value = cause;
      }
    },
  );

  /** What a camera is kept under: its label, less the numbers that browsers add, and not too long. */
  function nameOf(label: string): string {
    return (
      label
        .replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, '')
        .trim()
        .slice(0, 80) || 'camera'
    );
  }

  /** The calibration of a camera; undefined where there is none for frames of this shape. */
  function calibrationOf(label: string, width: number, height: number): NamedCamera | undefined {
    const found = cameras.value.find(({ name }) => name === nameOf(label));
    if (found === undefined || height === 0) return undefined;
    const shape = found.camera.width / found.camera.height;
    return Math.abs(width / height / shape - 1) <= 0.01 ? found : undefined;
  }

  return { cameras, error, nameOf, calibrationOf };
});
