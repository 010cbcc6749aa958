/** Names of the messages between page, preload script and main process. */
export const LAB_REQUEST = 'halftone:lab-request';
export const LAB_PORT = 'halftone:lab-port';
export const LAB_GONE = 'halftone:lab-gone';
