/**
 * An ONNX file that asks a provider for as little as will do: y = x·x·x·x·x, five factors of one N×N matrix
 * (operator set 13, file format 8). N is free, so that it serves both to see whether a provider answers and
 * to time it. Written once with the `onnx` package's `make_model` and kept as text.
 */
const PROBE_BASE64 =
  'CAgSADp9ChEKAXgKAXgSAWEiBk1hdE11bAoRCgFhCgF4EgFiIgZNYXRNdWwKEQoBYgoBeBIBYyIGTWF0TXVsChEKAWMKAXgSAXki' +
  'Bk1hdE11bBIBZ1oVCgF4EhAKDggBEgoKAxIBTgoDEgFOYhUKAXkSEAoOCAESCgoDEgFOCgMSAU5CBAoAEA0=';

/** The file's bytes, fresh at every call, since loading moves them. */
export function probeModel(): Uint8Array {
  return Uint8Array.from(Buffer.from(PROBE_BASE64, 'base64'));
}

/** Floating-point operations of one run at size N. */
export function probeOperations(size: number): number {
  return 4 * 2 * size ** 3;
}
