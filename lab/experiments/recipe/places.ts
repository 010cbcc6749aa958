import { HalftoneError, type Place } from '@halftone/sdk/errors';

/** Does a part of some work: an error of it says where in the whole this part stands. */
export async function inPlace<T>(place: Place, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(error, place);
  }
}

/** An error from within a part, as one of the whole that the part stands in. */
export function placed(error: unknown, place: Place): unknown {
  if (!(error instanceof HalftoneError)) return error;
  const whole = [...place, ...(error.place ?? [])];
  return new HalftoneError(error.code, error.message, { cause: error, place: whole });
}

/** For people who have only the message: the place in a file, in the message. */
export function sayPlace(error: unknown, file: string): unknown {
  if (!(error instanceof HalftoneError) || error.place === undefined) return error;
  const { code, place, message } = error;
  return new HalftoneError(code, `${file}: ${place.join('.')}: ${message}`, { cause: error, place });
}
