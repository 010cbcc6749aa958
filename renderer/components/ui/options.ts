/** One of the things that a field offers. */
export interface Option<V extends string = string> {
  readonly value: V;
  readonly name: string;
  /** In small beside the name. */
  readonly note?: string;
  readonly disabled?: boolean;
}
