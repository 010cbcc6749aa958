import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePhotograph, readPhotograph } from './photographs.ts';

/** Four wide, two high: the left half red, the right half blue. */
const pixels = Uint8Array.from({ length: 24 }, (_, i) => {
  const isLeft = Math.floor(i / 3) % 4 < 2;
  return (isLeft ? i % 3 === 0 : i % 3 === 2) ? 255 : 0;
});
const plain = () => sharp(pixels, { raw: { width: 4, height: 2, channels: 3 } });

test('a photograph is turned as its EXIF says', async () => {
  const jpeg = await plain()
    .resize(64, 32, { kernel: 'nearest' })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { picture } = await decodePhotograph(jpeg, 'turned.jpg');
  expect([picture.width, picture.height]).toEqual([32, 64]);
  // Turned clockwise, what was left is on top.
  expect(picture.data[0]).toBeGreaterThan(200);
  expect(picture.data.at(-1)).toBeGreaterThan(200);
});

test.each(['png', 'webp', 'avif'] as const)(
  '%s, grey and transparent ones come as RGB on white',
  async (format) => {
    const { picture } = await decodePhotograph(
      await plain().toFormat(format, { lossless: true }).toBuffer(),
      format,
    );
    expect(picture).toMatchObject({ width: 4, height: 2 });
    expect(picture.data).toHaveLength(24);
    const grey = await sharp(Uint8Array.of(10, 200), { raw: { width: 2, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    expect([...(await decodePhotograph(grey, 'grey.png')).picture.data]).toEqual([10, 10, 10, 200, 200, 200]);
    const clear = await sharp(Uint8Array.of(0, 0, 0, 0), { raw: { width: 1, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodePhotograph(clear, 'clear.png')).picture.data]).toEqual([255, 255, 255]);
  },
);

test('what is no photograph is refused in a word, naming the file', async () => {
  const jpeg = await plain().resize(256, 256).jpeg().toBuffer();
  await expect(decodePhotograph(jpeg.subarray(0, 700), 'cut.jpg')).rejects.toThrow(/cut\.jpg: not an image/);
  await expect(decodePhotograph(Buffer.from('hello'), 'x.jpg')).rejects.toThrow(/x\.jpg: not an image/);
  const huge = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>');
  await expect(decodePhotograph(huge, 'huge')).rejects.toThrow(/huge: 20000 × 20000 are 400 megapixels/);
  const heic = Buffer.concat([
    Buffer.from([0, 0, 0, 24]),
    Buffer.from('ftypheic\0\0\0\0mif1heic'),
    Buffer.alloc(64),
  ]);
  await expect(decodePhotograph(heic, 'a.heic')).rejects.toThrow(/a\.heic.*HEIC photograph/);
  await expect(readPhotograph('/nowhere/a.jpg')).rejects.toThrow(/no such file/);
});

test('a photograph too large to work on is scaled down, and says so', async () => {
  const jpeg = await plain().resize(120, 90).jpeg().toBuffer();
  const { picture, reducedFrom } = await decodePhotograph(jpeg, 'large.jpg', 2700);
  expect(reducedFrom).toEqual({ width: 120, height: 90 });
  expect(picture).toMatchObject({ width: 60, height: 45 });
});
