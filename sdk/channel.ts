import type { ParameterSchema } from './parameters.ts';
import { checkDescribed, checkParameters, type Defined, defined, type Published, refusal } from './plugin.ts';
import type { TransformContext, Transformed } from './transformation.ts';

/** What an author states about a channel: what happens to images between the file and the classifier. */
export interface ChannelDefinition<S extends ParameterSchema> extends Published<S> {
  /** One passage through the channel; every draw comes from the images' own streams. */
  apply(context: TransformContext<S>): Promise<Transformed>;
}

/** A defined channel, as a plugin's default export. */
export interface Channel<S extends ParameterSchema = ParameterSchema>
  extends ChannelDefinition<S>,
    Defined<'channel'> {}

/** Defines a channel; the result is a plugin's default export. Throws `bad-plugin` saying what is wrong with it. */
export function defineChannel<const S extends ParameterSchema>(definition: ChannelDefinition<S>): Channel<S> {
  const fail = refusal('channel', definition.name);
  checkDescribed(definition, fail);
  checkParameters(definition.parameters, fail);
  return defined('channel', definition);
}
