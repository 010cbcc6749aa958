import { defineChannel } from '@halftone/sdk';
import { cameras, grey, passImages, printers } from '@halftone/sdk/image';
import { drawShot } from './shot.ts';
import { printAndPhotograph } from './stages.ts';

/**
 * An image on paper and back: printed, photographed under a pose, a light and a focus drawn for it, and cut out of
 * the photograph. All but rounding and JPEG has its slope.
 */
export default defineChannel({
  name: 'print-capture',
  title: 'Print and camera',
  summary: 'Prints an image, photographs it by hand and cuts it out again, all simulated, each time anew.',
  departures: [
    'Rounding and JPEG have no slope: gradients pass straight through.',
    'The lens bends nothing and the paper is flat, as after the finder has corrected both.',
  ],
  parameters: {
    printer: {
      type: 'choice',
      choices: Object.keys(printers),
      default: 'office-laser',
      help: 'The printer: its inks, paper, dot gain, and how far it spreads an edge.',
    },
    camera: {
      type: 'choice',
      choices: Object.keys(cameras),
      default: 'webcam-1080p',
      help: 'The camera: its resolution, blur, noise, curve, sharpening and JPEG.',
    },
    imageSize: {
      type: 'number',
      unit: 'mm',
      min: 5,
      max: 400,
      default: 34,
      help: 'Longer side of the image on paper. Larger loses less.',
    },
    angle: {
      type: 'number',
      unit: 'degrees',
      min: 0,
      max: 60,
      default: 20,
      help: 'Largest angle between the camera and upright. More slants.',
    },
    leastFill: {
      type: 'number',
      min: 0.1,
      max: 1,
      default: 0.7,
      help: "Least share of the frame's height that a sheet of 297 mm takes; the most is 0.95. Less loses more.",
    },
    exposure: {
      type: 'number',
      min: 0,
      max: 4,
      default: 0.4,
      help: 'Largest error of the exposure, in stops.',
    },
    defocus: {
      type: 'number',
      min: 0,
      max: 10,
      default: 0.6,
      help: 'Largest standard deviation of blur by missed focus, in pixels of the camera.',
    },
    motion: {
      type: 'number',
      min: 0,
      max: 30,
      default: 1,
      help: 'Longest motion during the exposure, in pixels of the camera.',
    },
    falloff: {
      type: 'number',
      min: 0.1,
      max: 1,
      default: 0.7,
      help: "Least light on a sheet's far side over that on its near side. Less is more uneven.",
    },
    misplacement: {
      type: 'number',
      min: 0,
      max: 5,
      default: 0.3,
      help: "Standard deviation of the cut's corners about the true ones, in pixels of the camera.",
    },
  },
  async apply(context) {
    const { parameters } = context;
    const printer = printers[parameters.printer as keyof typeof printers];
    const camera = cameras[parameters.camera as keyof typeof cameras];
    return passImages(context, ({ width, height, channels }, random) => {
      const shot = drawShot({ width, height }, camera, parameters, random);
      const operation = printAndPhotograph({ width, height }, printer, camera, shot, random.derive('sensor'));
      return channels === 1 ? grey(operation) : operation;
    });
  },
});
