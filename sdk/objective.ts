import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ObjectiveFunction } from './attack.ts';
import { HalftoneError } from './errors.ts';
import { registerGradients } from './gradients.ts';
import type { TensorFlow } from './plugin.ts';

/** An objective function at some logits; the caller disposes of the tensors. */
export interface ObjectiveSlope {
  /** [count]. */
  readonly objective: Tensor1D;
  /** d(Σ objective)/d(logits), [count, classes]: what `backward` takes. */
  readonly cotangent: Tensor2D;
}

/**
 * The values and slopes of an objective function. Throws `bad-plugin` where it doesn't give one number an image, or
 * is made of operations without gradients.
 */
export function slopeOf(tf: TensorFlow, of: ObjectiveFunction, logits: Tensor2D): ObjectiveSlope {
  registerGradients(tf);
  return tf.tidy(() => {
    const evaluate = (z: Tensor2D): Tensor1D => {
      const values = of(z, tf);
      if (values.rank === 1 && values.shape[0] === logits.shape[0]) return values;
      const text = `the objective gave [${values.shape.join(', ')}] for logits of [${logits.shape.join(', ')}]; one number an image is needed`;
      throw new HalftoneError('bad-plugin', text);
    };
    const { value, grad } = tf.valueAndGrad(evaluate as (z: Tensor2D) => Tensor1D)(
      logits,
      tf.ones([logits.shape[0]]),
    );
    return { objective: value as Tensor1D, cotangent: grad as Tensor2D };
  });
}
