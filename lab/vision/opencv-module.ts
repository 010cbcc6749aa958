import library from '@techstark/opencv-js';

/**
 * The package's export, which is a promise of the library, as a value within an object: a module that is itself a
 * promise can't be imported while running, for `import()` waits for it.
 */
export const exported: { readonly library: unknown } = { library };
