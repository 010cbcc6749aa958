import { GraphError } from '../../graph/errors.ts';
import type { Node } from '../../graph/ir.ts';
import type { Rule } from '../rule.ts';
import { binaryRules } from './binary.ts';
import { convRules } from './conv.ts';
import { gatherRules } from './gather.ts';
import { linearRules } from './linear.ts';
import { movementRules } from './movement.ts';
import { normaliseRules } from './normalise.ts';
import { poolRules } from './pool.ts';
import { quantiseRules } from './quantise.ts';
import { reduceRules } from './reduce.ts';
import { resizeRules } from './resize.ts';
import { unaryRules } from './unary.ts';

/** The table: one rule an operator, keyed by domain and name. */
const RULES: Readonly<Record<string, Rule>> = {
  ...unaryRules,
  ...binaryRules,
  ...reduceRules,
  ...linearRules,
  ...convRules,
  ...poolRules,
  ...normaliseRules,
  ...movementRules,
  ...gatherRules,
  ...resizeRules,
  ...quantiseRules,
};

function key(node: { op: string; domain: string }): string {
  return node.domain === '' ? node.op : `${node.domain}.${node.op}`;
}

/** Operators that have a rule, sorted; those of other domains with the domain before a dot. */
export function differentiableOperators(): string[] {
  return Object.keys(RULES).sort();
}

/** The rule of the node's operator; an error naming operator and node when there is none. */
export function ruleFor(node: Node): Rule {
  const rule = Object.hasOwn(RULES, key(node)) ? RULES[key(node)] : undefined;
  if (rule) return rule;
  throw new GraphError('there is no gradient for this operator', { node, code: 'unsupported-operator' });
}
