import { saveFile } from '../files.ts';

/** Pixels of the picture for one of the screen: sharp on paper. */
const SCALE = 3;

/** Saves a chart's drawing as a file. */
export function saveSvg(svg: string, name: string): void {
  saveFile(new Blob([svg], { type: 'image/svg+xml' }), `${name}.svg`);
}

/** Saves it as a picture, on the theme's surface. */
export async function savePng(svg: string, name: string, background: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    const context = canvas.getContext('2d')!;
    context.fillStyle = background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('the chart could not be drawn as a picture; save it as SVG');
    saveFile(blob, `${name}.png`);
  } finally {
    URL.revokeObjectURL(url);
  }
}
