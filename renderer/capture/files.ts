/** What of a drop can be a photograph. */
export interface SortedFiles<Named> {
  readonly pictures: readonly Named[];
  /** Names of the rest; what systems hide in folders isn't spoken of. */
  readonly others: readonly string[];
}

/** By what the browser says, or by the ending where it doesn't know the format. */
export function sortFiles<Named extends { readonly name: string; readonly type: string }>(
  files: readonly Named[],
): SortedFiles<Named> {
  const isPicture = ({ type, name }: Named) =>
    type.startsWith('image/') || /\.(hei[cf]|tiff?|avif)$/i.test(name);
  const seen = files.filter(({ name }) => !/^(\.|(thumbs\.db|desktop\.ini)$)/i.test(name));
  return {
    pictures: seen.filter(isPicture),
    others: seen.filter((file) => !isPicture(file)).map(({ name }) => name),
  };
}
