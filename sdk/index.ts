export { Adam, type AdamSettings } from './adam.ts';
export {
  type Access,
  type Attack,
  type AttackContext,
  type AttackDefinition,
  type DecisionModel,
  defineAttack,
  type Gradient,
  type ModelFor,
  normOf,
  type Objective,
  type ObjectiveFunction,
  type ScoreModel,
  throwIfCancelled,
  type WhiteBoxModel,
} from './attack.ts';
export { checkRadius, defaultByNorm, epsilonParameter, normParameter, radiusParameter } from './budget.ts';
export {
  type DescentGoal,
  type DescentSettings,
  descendTo,
  descentParameters,
  type RisingSettings,
  raiseConstant,
  risingParameters,
  type Seen,
  squaredDistance,
  tryStarts,
} from './carlini-wagner.ts';
export { type Channel, type ChannelDefinition, defineChannel } from './channel.ts';
export {
  type Criterion,
  classesOf,
  pickCriterion,
  satisfied,
  sliceCriterion,
  targeted,
  untargeted,
} from './criterion.ts';
export {
  type Dataset,
  type DatasetContext,
  type DatasetDefinition,
  type DatasetPart,
  defineDataset,
} from './dataset.ts';
export { type DeepFoolContext, type DeepFoolResult, type DeepFoolSettings, deepFool } from './deepfool.ts';
export {
  type Defense,
  defineDefense,
  type ExampleContext,
  type Examples,
  type FitOptions,
  type Fitted,
  type LearningModel,
  type TrainContext,
  type TrainDefense,
  type TrainDefenseDefinition,
  type TransformDefense,
  type TransformDefenseDefinition,
} from './defense.ts';
export { type ErrorCode, HalftoneError } from './errors.ts';
export { type Expectation, expectedGradient, gradientThrough } from './expectation.ts';
export { differentiableOperations, registerGradients } from './gradients.ts';
export { lead } from './lead.ts';
export { roundToLevels } from './levels.ts';
export {
  type Ask,
  askGradients,
  askLabels,
  askLogits,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  type LockstepContext,
  lockstep,
} from './lockstep.ts';
export { defineModel, type Model, type ModelDefinition } from './model.ts';
export { changedPixels, distances, isNormName, type NormName, project } from './norms.ts';
export { type ObjectiveSlope, slopeOf } from './objective.ts';
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
export { API_VERSION, type Paper, PLUGIN_KINDS, type PluginKind, type TensorFlow } from './plugin.ts';
export { labelsOf, permutation, portionSize } from './portions.ts';
export { type Random, restored, seeded } from './random.ts';
export { ConstantSearch } from './search.ts';
export { logProbability } from './softmax.ts';
export { startInBall, startOnSphere } from './starts.ts';
export {
  euclidean,
  gradientAt,
  type Iteration,
  intoBall,
  iterate,
  l2Step,
  type Slope,
  type Step,
  type StepNorm,
  signStep,
  stepL2,
  stepLinf,
  stepOf,
  stepsToEdge,
} from './steps.ts';
export { TanhImage } from './tanh-image.ts';
export {
  pullBack,
  type Transformation,
  type TransformContext,
  type Transformed,
} from './transformation.ts';
export { imagesOf, imageViews, stackImages, valuesOf } from './values.ts';
