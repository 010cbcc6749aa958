export { gaussianBlur, gaussianWeights, type Plane } from './blur.ts';
export { Jpeg } from './jpeg.ts';
export { levelOf, lightOf, lightOfLevel, srgbOf } from './srgb.ts';
