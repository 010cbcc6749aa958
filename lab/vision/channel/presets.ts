export { type CameraName, cameras, type PrinterName, printers } from '@halftone/sdk/image';
