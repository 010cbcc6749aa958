import { mulDims } from '../dims.ts';
import { GraphError } from '../errors.ts';
import { elementsOf, type InferenceRule, shapeText, typeOf } from './inputs.ts';

/** N×(C·block)×L columns → N×C×image, image and block given as inputs. */
export const inferCol2Im: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const image = elementsOf(site, 1);
  const block = elementsOf(site, 2);
  if (!shape || !image || !block) return [{ dtype, shape: null }];
  const size = block.reduce(mulDims, 1);
  const columns = shape[1]!;
  if (shape.length !== 3 || typeof size !== 'number' || typeof columns !== 'number' || columns % size !== 0) {
    throw new GraphError(`Columns of shape ${shapeText(shape)} don't fit a block of ${shapeText(block)}`, {
      node,
    });
  }
  return [{ dtype, shape: [shape[0]!, columns / size, ...image] }];
};
