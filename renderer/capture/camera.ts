import { onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import {
  type CameraProblem,
  errorName,
  insecure,
  noCamera,
  problemOf,
  unplugged,
} from './camera-problems.ts';
import { constraintsFor, type Resolution, resolutionOf, resolutionsUpTo } from './resolutions.ts';

/** A camera as the browser lists it. */
export interface CameraDevice {
  readonly id: string;
  /** Empty until a camera has been allowed once. */
  readonly label: string;
}

const CAMERA_KEY = 'halftone-camera';
const SIZE_KEY = 'halftone-camera-size';

/**
 * The chosen camera. What went wrong is in `problem`; a camera that comes, comes back or is allowed is opened by
 * itself.
 */
export class CameraFeed {
  readonly devices = shallowRef<readonly CameraDevice[]>([]);
  /** Id of the camera; empty for any. */
  readonly chosen = ref(localStorage.getItem(CAMERA_KEY) ?? '');
  /** `1920x1080`, or empty for the highest. */
  readonly size = ref(localStorage.getItem(SIZE_KEY) ?? '');
  readonly sizes = shallowRef<readonly Resolution[]>([]);
  readonly stream = shallowRef<MediaStream>();
  readonly label = ref('');
  readonly problem = shallowRef<CameraProblem>();
  readonly starting = ref(false);
  /** Counts attempts: the answer to an older one is closed again. */
  private attempt = 0;

  async open(): Promise<void> {
    this.attempt += 1;
    const mine = this.attempt;
    this.stopStream();
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!window.isSecureContext || media?.getUserMedia === undefined) {
      this.problem.value = insecure;
      return;
    }
    this.starting.value = true;
    try {
      const opened = await request(media, this.chosen.value, this.size.value);
      if (mine !== this.attempt) return stop(opened);
      this.take(opened);
    } catch (error) {
      if (mine === this.attempt)
        this.problem.value = problemOf(error, this.nameOf(this.chosen.value), isDesktop());
    } finally {
      if (mine === this.attempt) this.starting.value = false;
    }
    await this.list();
  }

  private take(opened: MediaStream): void {
    const [track] = opened.getVideoTracks();
    if (track === undefined) {
      this.problem.value = noCamera;
      return;
    }
    const { deviceId } = track.getSettings();
    const able = track.getCapabilities?.();
    const most = { width: able?.width?.max ?? 0, height: able?.height?.max ?? 0 };
    this.problem.value = undefined;
    this.label.value = track.label;
    this.sizes.value = resolutionsUpTo(most.width > 0 && most.height > 0 ? most : undefined);
    if (deviceId !== undefined) this.chosen.value = deviceId;
    this.stream.value = opened;
    track.addEventListener('ended', () => {
      if (this.stream.value !== opened) return;
      this.stopStream();
      this.problem.value = unplugged(track.label);
      void this.list();
    });
  }

  private async list(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    this.devices.value = all
      .filter(({ kind }) => kind === 'videoinput')
      .map((device) => ({ id: device.deviceId, label: device.label }));
  }

  /** Lets the camera go. */
  close(): void {
    this.attempt += 1;
    this.starting.value = false;
    this.problem.value = undefined;
    this.stopStream();
  }

  private stopStream(): void {
    if (this.stream.value !== undefined) stop(this.stream.value);
    this.stream.value = undefined;
  }

  choose(id: string): void {
    this.chosen.value = id;
    this.size.value = '';
    localStorage.setItem(CAMERA_KEY, id);
    localStorage.removeItem(SIZE_KEY);
    void this.open();
  }

  chooseSize(key: string): void {
    this.size.value = key;
    localStorage.setItem(SIZE_KEY, key);
    void this.open();
  }

  /** What the button beside a problem does. */
  retry(): void {
    if (this.problem.value?.kind === 'resolution') this.chooseSize('');
    else void this.open();
  }

  private nameOf(id: string): string | undefined {
    return this.devices.value.find((device) => device.id === id)?.label;
  }

  /** Cameras came or went. */
  async devicesChanged(): Promise<void> {
    await this.list();
    const waits = ['none', 'unplugged', 'busy'].includes(this.problem.value?.kind ?? '');
    if (waits && this.devices.value.length > 0) void this.open();
  }

  /** Cameras may be used, or no longer. */
  permissionChanged(): void {
    if (this.problem.value?.kind === 'refused') void this.open();
  }
}

/** A camera that is open while the calling component is there and wants it. */
export function useCamera(wanted: () => boolean): CameraFeed {
  const feed = new CameraFeed();
  const changed = () => void feed.devicesChanged();
  const stopWatching = watchPermission(() => feed.permissionChanged());
  onMounted(() => {
    navigator.mediaDevices?.addEventListener?.('devicechange', changed);
    if (wanted()) void feed.open();
  });
  watch(wanted, (now) => (now ? feed.open() : feed.close()));
  onBeforeUnmount(() => {
    navigator.mediaDevices?.removeEventListener?.('devicechange', changed);
    stopWatching();
    feed.close();
  });
  return feed;
}

/** The camera that was chosen, or any other where it is gone: a kept choice must not be in the way. */
async function request(media: MediaDevices, id: string, size: string): Promise<MediaStream> {
  const resolution = resolutionOf(size);
  try {
    return await media.getUserMedia(constraintsFor(id || undefined, resolution));
  } catch (error) {
    const isImpossible = errorName(error) === 'OverconstrainedError';
    const about = isImpossible ? (error as OverconstrainedError).constraint : '';
    if (id !== '' && isImpossible && (about === 'deviceId' || !about)) {
      return media.getUserMedia(constraintsFor(undefined, undefined));
    }
    throw error;
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function isDesktop(): boolean {
  return window.halftoneDesktop !== undefined;
}

/** Calls back when the person changes whether cameras may be used. Not every browser can say. */
function watchPermission(changed: () => void): () => void {
  const state: { status?: PermissionStatus; over?: boolean } = {};
  const listen = () => {
    if (state.status?.state !== 'denied') changed();
  };
  navigator.permissions
    ?.query({ name: 'camera' as PermissionName })
    .then((status) => {
      if (state.over) return;
      state.status = status;
      status.addEventListener('change', listen);
    })
    .catch(() => undefined);
  return () => {
    state.over = true;
    state.status?.removeEventListener('change', listen);
  };
}
