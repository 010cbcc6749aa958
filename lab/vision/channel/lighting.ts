import type { Sheet } from '../sheet/geometry.ts';
import { type InverseMap, STEP } from './inverse-map.ts';
import type { CameraSettings, View } from './settings.ts';

/** Light at the nodes of an inverse map: what falls there, and what is mirrored into the lens on top. */
export interface LightMap {
  /** One value a node: light that falls on the scene and that the lens passes; 1 at the sheet's middle. */
  readonly shade: Float32Array;
  /** One value a node: mirrored light. */
  readonly glare: Float32Array;
}

const radians = Math.PI / 180;

/**
 * Falloff over the scene, the lens's vignetting and a mirrored lamp. Smooth, so that nodes every few pixels are enough.
 */
export function lightMapOf(
  map: InverseMap,
  paper: Sheet['paper'],
  camera: CameraSettings,
  view: View,
): LightMap {
  const { columns, rows, places } = map;
  const shade = new Float32Array(columns * rows);
  const glare = new Float32Array(columns * rows);
  const [dx, dy] = [Math.cos(view.falloffDirection * radians), Math.sin(view.falloffDirection * radians)];
  const reach = Math.abs(dx) * paper.width + Math.abs(dy) * paper.height;
  const stops = Math.log(view.falloff);
  const corner = (camera.width ** 2 + camera.height ** 2) / 4;
  const lamp = [view.glarePlace[0] * paper.width, view.glarePlace[1] * paper.height] as const;
  for (let i = 0; i < shade.length; i++) {
    const [x, y] = [places[2 * i]!, places[2 * i + 1]!];
    const along = ((x - paper.width / 2) * dx + (y - paper.height / 2) * dy) / reach;
    const [px, py] = [(i % columns) * STEP, Math.floor(i / columns) * STEP];
    const off = ((px - camera.width / 2) ** 2 + (py - camera.height / 2) ** 2) / corner;
    const passed = 1 - camera.vignetting * Math.min(1, off);
    shade[i] = Math.exp(stops * Math.max(-1.5, Math.min(1.5, along))) * passed;
    const away = ((x - lamp[0]) ** 2 + (y - lamp[1]) ** 2) / view.glareSize ** 2;
    glare[i] = view.glare === 0 ? 0 : view.glare * Math.exp(-0.5 * away) * passed;
  }
  return { shade, glare };
}
