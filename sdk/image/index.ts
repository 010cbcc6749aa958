export { levelOf, lightOf, lightOfLevel, srgbOf } from './srgb.ts';
