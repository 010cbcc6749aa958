export { backpropagate } from './backpropagate.ts';
export { type Differentiated, type DifferentiateOptions, differentiate } from './differentiate.ts';
export { addLoss, FEEDS, type Loss, type LossValues } from './loss.ts';
export type { Traits } from './rule.ts';
export { differentiableOperators } from './rules/index.ts';
