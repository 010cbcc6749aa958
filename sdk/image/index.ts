export { Jpeg } from './jpeg.ts';
export { levelOf, lightOf, lightOfLevel, srgbOf } from './srgb.ts';
