/** Names of the messages between page, preload script and main process. */
export const LAB_REQUEST = 'halftone:lab-request';
export const LAB_PORT = 'halftone:lab-port';
export const LAB_GONE = 'halftone:lab-gone';
export const COMMAND = 'halftone:command';
export const OPEN_RUN_FILE = 'halftone:open-run-file';
export const PRINT_RUN_FILE = 'halftone:print-run-file';
export const SAVE_RUN_FILE = 'halftone:save-run-file';
export const OPEN_RUN_FOLDER = 'halftone:open-run-folder';
export const CHOOSE_PATH = 'halftone:choose-path';
