import type { CameraFrame } from '../vision/messages.ts';

/** What takes frames when it has time. */
export interface FrameTaker {
  readonly idle: boolean;
  look(frame: CameraFrame, time: number): void;
}

/**
 * Hands a video's newest frame over whenever there is a new one and the taker is idle: frames that come meanwhile are
 * dropped, none is queued. The answer ends it.
 */
export function followFrames(video: HTMLVideoElement, taker: FrameTaker): () => void {
  let over = false;
  let making = false;
  const next = () => {
    if (over) return;
    video.requestVideoFrameCallback((now) => {
      next();
      if (over || making || !taker.idle || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
      making = true;
      frameOf(video)
        .then((frame) => {
          if (over || !taker.idle) frame.close();
          else taker.look(frame, now);
        })
        // A frame that can't be had (the camera just went) is a frame dropped.
        .catch(() => undefined)
        .finally(() => {
          making = false;
        });
    });
  };
  next();
  return () => {
    over = true;
  };
}

/** The video's frame as it is now, not drawn anywhere on the page's thread. */
async function frameOf(video: HTMLVideoElement): Promise<CameraFrame> {
  return typeof VideoFrame === 'function' ? new VideoFrame(video) : createImageBitmap(video);
}
