import { stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Attributes, Node } from '../ir.ts';
import type { Site } from './site.ts';

/**
 * Resize of opset 10 (and Upsample before it) to 11. It mapped output pixel i to input i / scale, and took
 * the nearest pixel below where it enlarged and above where it reduced. Scales that are computed are taken
 * to enlarge, as exporters of that time use them.
 */
export function resizeFrom10(node: Node, site: Site): Node {
  const [input, scales] = node.inputs;
  const mode = stringAttr(node, 'mode', 'nearest');
  const factors = [...(site.graph.initializers.get(scales)?.data ?? [])].map(Number);
  const reduces = factors.some((factor) => factor < 1);
  if (mode === 'nearest' && reduces && factors.some((factor) => factor > 1)) {
    throw new GraphError('Enlarging one axis and reducing another at once is not supported below opset 11', {
      node,
    });
  }
  const attributes: Attributes = {
    mode: { type: 'string', value: mode },
    coordinate_transformation_mode: { type: 'string', value: 'asymmetric' },
    nearest_mode: { type: 'string', value: reduces ? 'ceil' : 'floor' },
  };
  return { ...node, inputs: [input, '', scales], attributes };
}

/**
 * Resize of opset 11 to 13: empty tensors that stood for omitted inputs are omitted, and the coordinate
 * mode that was dropped, `tf_half_pixel_for_nn`, takes its equal: rounding down (i + ½) / scale is rounding
 * (i + ½) / scale − ½ half up.
 */
export function resizeFrom11(node: Node, site: Site): Node {
  const inputs = node.inputs.map((name) =>
    site.graph.initializers.get(name)?.data.length === 0 ? '' : name,
  );
  while (inputs.at(-1) === '') inputs.pop();
  const mode = stringAttr(node, 'coordinate_transformation_mode', 'half_pixel');
  if (mode !== 'tf_half_pixel_for_nn') return { ...node, inputs };
  if (stringAttr(node, 'nearest_mode', 'round_prefer_floor') !== 'floor') {
    throw new GraphError(`Coordinate mode '${mode}' is supported with nearest_mode 'floor' only`, { node });
  }
  const attributes: Attributes = {
    ...node.attributes,
    coordinate_transformation_mode: { type: 'string', value: 'half_pixel' },
    nearest_mode: { type: 'string', value: 'round_prefer_ceil' },
  };
  return { ...node, inputs, attributes };
}
