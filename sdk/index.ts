export {
  type Access,
  API_VERSION,
  type Attack,
  type AttackContext,
  type AttackDefinition,
  type DecisionModel,
  defineAttack,
  type Gradient,
  type ModelFor,
  type Objective,
  type Paper,
  type ScoreModel,
  type TensorFlow,
  throwIfCancelled,
  type WhiteBoxModel,
} from './attack.ts';
export { type Criterion, classesOf, satisfied, sliceCriterion, targeted, untargeted } from './criterion.ts';
export { type ErrorCode, HalftoneError } from './errors.ts';
export { distances, type NormName, project } from './norms.ts';
export {
  type BooleanParameter,
  type ChoiceParameter,
  type DerivedDefault,
  type NumberParameter,
  type Parameter,
  type ParameterSchema,
  type ParameterValue,
  type ParameterValues,
  parseParameter,
  parseParameters,
  readNumber,
  showNumber,
  type Unit,
} from './parameters.ts';
export { type Random, seeded } from './random.ts';
export { type Iteration, iterate, type SignStep, signStep } from './steps.ts';
export { imagesOf, valuesOf } from './values.ts';
