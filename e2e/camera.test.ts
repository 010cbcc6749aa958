import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, goTo, type LabInBrowser, openLab, seriousFindings } from './harness.ts';

describeInBrowser('the camera', () => {
  let lab: LabInBrowser;
  let path: string;
  beforeAll(async () => {
    lab = await openLab({ camera: 'pattern' });
    const { id } = await lab.lab.createRun({
      recipe: {
        name: 'seen',
        model: 'mnist-c',
        data: { set: 'mnist', count: 2 },
        attacks: [{ attack: 'fgsm' }],
      },
    });
    path = `/capture?run=${id}`;
  });
  afterAll(() => lab?.close());

  it('that is refused has its words and a way back', async () => {
    const page = await lab.visit({ path });
    await page.getByText('The camera may not be used').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    // Allowed, it is opened without being asked for again.
    await page.context().grantPermissions(['camera']);
    await page.locator('video').waitFor();
    expect(await page.getByText('The camera may not be used').count()).toBe(0);
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('that is unplugged has its words', async () => {
    const page = await lab.visit({ camera: true });
    // The streams that the page opens, to end one as an unplugged camera does.
    await page.evaluate(() => {
      const media = navigator.mediaDevices;
      const open = media.getUserMedia.bind(media);
      media.getUserMedia = async (constraints) => {
        const stream = await open(constraints);
        Object.assign(window, { lastTrack: stream.getVideoTracks()[0] });
        return stream;
      };
    });
    await goTo(page, path);
    await page.locator('video').waitFor();
    await page.evaluate(() => {
      const { lastTrack } = window as unknown as { lastTrack: MediaStreamTrack };
      lastTrack.stop();
      lastTrack.dispatchEvent(new Event('ended'));
    });
    await page.locator('video').waitFor({ state: 'detached' });
    await page
      .getByText(/unplugged|was taken away|is gone/i)
      .first()
      .waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });
});
