/**
 * For a plugin's own tests: a model whose answers can be worked out by hand, and what the lab does around an attack
 * or a defence, without the lab. Tensors are on TensorFlow.js's plain JavaScript backend.
 */
export { type LinearModel, linearModel, type ModelInput, type Spent } from './linear-model.ts';
export {
  type AppliedTransform,
  type AttackRun,
  type AttackTest,
  applyTransform,
  runAttack,
  type TransformTest,
} from './run.ts';
