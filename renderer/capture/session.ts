import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import type { Sheet } from '../../lab/vision/live.ts';
import { useCameras } from '../stores/cameras.ts';
import { useCaptures } from '../stores/captures.ts';
import { type Finder, startFinder } from '../vision/finder.ts';
import type { Seen } from '../vision/messages.ts';
import { wordsOf } from '../words.ts';
import { advise } from './advice.ts';
import { followFrames } from './frames.ts';
import { dropped, looked, openShutter, type Sight, speedOf, took, usualShutter } from './shutter.ts';
import { tick } from './tick.ts';

/** Share of a sheet's wanted images that a shot must have well to be taken by itself. */
const enoughGood = 0.8;
const FLASH_MS = 250;

export interface SessionSettings {
  readonly auto: boolean;
  readonly sound: boolean;
  readonly mirrored: boolean;
  /** The one sheet that is to be photographed again, until it is: no other is taken by itself. */
  readonly retake?: number | undefined;
}

/** Looks at a camera's frames and takes the shots. */
export class Session {
  readonly seen = shallowRef<Seen>();
  /** The finder is loaded. */
  readonly ready = ref(false);
  readonly error = ref('');
  /** On for a moment when a shot is taken. */
  readonly flash = ref(false);
  /** Looked for in the run's stead while a camera is calibrated: nothing of it is taken. */
  private readonly board = shallowRef<Sheet>();
  private readonly store = useCaptures();
  private readonly cameras = useCameras();
  private readonly shutter = shallowRef(openShutter);
  private readonly moving = ref(false);
  /** Shots that the lab hasn't answered yet, by sheet. */
  private readonly pending = shallowRef<Readonly<Record<number, number>>>({});
  /** Shots on their way, each with its record's name once the lab has it; the latest last. */
  private readonly shots = shallowRef<readonly Promise<string | undefined>[]>([]);
  private readonly frame = ref({ width: 0, height: 0 });
  private readonly label: () => string;
  private readonly settings: () => SessionSettings;
  private readonly finder: Finder;
  private stopFrames: (() => void) | undefined;

  constructor(label: () => string, settings: () => SessionSettings) {
    this.label = label;
    this.settings = settings;
    this.finder = startFinder({
      ready: () => {
        this.ready.value = true;
      },
      seen: (seen) => this.onSeen(seen),
      failed: (message) => {
        this.error.value = message;
      },
    });
  }

  /** The camera's calibration, where it has one for such frames. */
  readonly calibration = computed(() => {
    const { width, height } = this.frame.value;
    return this.cameras.calibrationOf(this.label(), width, height);
  });

  /** Numbers of the sheets that want more views. */
  readonly missing = computed(() =>
    this.store.coverage.filter(({ missing }) => missing).map(({ sheet }) => sheet),
  );

  readonly advice = computed(() => {
    if (this.seen.value === undefined) return undefined;
    const { look, width, height } = this.seen.value;
    const number = look.finding.found ? look.finding.sheet.sheet : undefined;
    const own = this.store.coverage.find(({ sheet }) => sheet === number);
    const coming = number === undefined ? 0 : (this.pending.value[number] ?? 0);
    const { auto, mirrored, retake } = this.settings();
    const state = { auto, mirrored, retake, moving: this.moving.value, wait: this.shutter.value.wait };
    const views = {
      views: (own?.views ?? 0) + coming,
      wanted: this.store.wanted,
      missing: retake === undefined ? this.missing.value : [retake],
    };
    return advise({ look, width, height, ...state, ...views });
  });

  /** Looks for the run's sheets as they are now. */
  open(): void {
    this.restart();
    const board = this.board.value;
    if (board === undefined) this.finder.open(this.store.sheets, this.calibration.value?.camera);
    // A lens is looked for anew: what is known of it stays out.
    else this.finder.open([board], undefined);
  }

  /** Looks for the calibration board; for the run's sheets again without it. */
  lookFor(board: Sheet | undefined): void {
    this.board.value = board;
    this.open();
  }

  /** Follows a video's frames; the one before is let go. */
  follow(video: HTMLVideoElement | null): void {
    this.stopFrames?.();
    this.restart();
    this.stopFrames = video === null ? undefined : followFrames(video, this.finder);
  }

  /** Forgets which poses were taken: of another run. */
  forgetPoses(): void {
    this.shutter.value = openShutter;
  }

  private restart(): void {
    this.seen.value = undefined;
    this.shutter.value = { ...openShutter, taken: this.shutter.value.taken };
  }

  private onSeen(next: Seen): void {
    this.error.value = '';
    const { width, height } = next;
    const { frame, shutter } = this;
    if (width !== frame.value.width || height !== frame.value.height) frame.value = { width, height };
    this.seen.value = next;
    if (this.board.value !== undefined) return;
    const sight = this.sightOf(next);
    this.moving.value = speedOf(shutter.value, sight) > usualShutter.speed;
    shutter.value = looked(shutter.value, sight, (sheet) => this.isWanted(sheet));
    if (this.settings().auto && shutter.value.wait === undefined) this.shoot(sight);
  }

  private isWanted(sheet: number): boolean {
    const own = this.store.coverage.find((each) => each.sheet === sheet);
    const coming = this.pending.value[sheet] ?? 0;
    const { retake } = this.settings();
    if (retake !== undefined) return sheet === retake && coming === 0;
    if (own === undefined || !own.missing) return false;
    return coming === 0 || own.views + coming < own.wanted;
  }

  private sightOf({ look, width, height, time }: Seen): Sight {
    const { finding, movement } = look;
    const sheet = finding.found ? finding.sheet.sheet : undefined;
    const outline = finding.found ? finding.outline : [];
    return { sheet, outline, movement, good: this.isGood(sheet, look), width, height, time };
  }

  /** The photograph is good, and so are most of its images that are still wanted. */
  private isGood(sheet: number | undefined, { grade }: Seen['look']): boolean {
    if (grade === null || grade.faults.length > 0) return false;
    const cells = this.store.coverage.find((each) => each.sheet === sheet)?.cells ?? [];
    const open = grade.crops.filter(({ index }) => cells[index] !== 'good');
    const counted = open.length > 0 ? open : grade.crops;
    return counted.filter(({ faults }) => faults.length === 0).length >= enoughGood * counted.length;
  }

  /** Takes the shot now, whatever its quality. */
  takeNow(): void {
    if (this.seen.value === undefined || this.board.value !== undefined) return;
    this.shoot(this.sightOf(this.seen.value));
  }

  /** The frame that was looked at last, as a PNG; undefined where none was. Throws where it can't be written. */
  async snapshot(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.seen.value === undefined ? undefined : this.finder.take();
  }

  /** Takes the frame that was looked at last. */
  private shoot(sight: Sight): void {
    this.shutter.value = took(this.shutter.value, sight);
    // Asked for before the next frame can be handed over: what was graded is what is kept.
    const shot = this.send(sight.sheet, this.finder.take());
    this.shots.value = [...this.shots.value, shot];
    void shot.then(() => {
      this.shots.value = this.shots.value.filter((other) => other !== shot);
    });
    this.flash.value = true;
    setTimeout(() => {
      this.flash.value = false;
    }, FLASH_MS);
    if (this.settings().sound) tick();
  }

  /** Hands a shot to the lab; the answer is its record's name, none where that failed. */
  private async send(
    sheet: number | undefined,
    png: Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<string | undefined> {
    this.count(sheet, 1);
    try {
      const name = `webcam-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.png`;
      const camera = this.calibration.value?.name;
      const record = await this.store.add({ name, bytes: await png, origin: 'webcam', camera, sheet });
      return record?.name;
    } catch (error) {
      this.error.value = wordsOf(error);
      return undefined;
    } finally {
      this.count(sheet, -1);
    }
  }

  /** There is a shot of this window to put away. */
  readonly canDrop = computed(() => this.shots.value.length > 0 || this.store.added.length > 0);

  /** Puts the last shot away, with an undo; one that is on its way as soon as it is there. Throws what the lab says. */
  async dropLast(): Promise<void> {
    const coming = this.shots.value.at(-1);
    this.shots.value = this.shots.value.slice(0, -1);
    const name = coming === undefined ? this.store.added.at(-1) : await coming;
    if (name !== undefined) await this.remove(name);
  }

  private count(sheet: number | undefined, by: number): void {
    if (sheet === undefined) return;
    this.pending.value = { ...this.pending.value, [sheet]: (this.pending.value[sheet] ?? 0) + by };
  }

  /** Puts a photograph away, with an undo; its pose may be taken again. Throws what the lab says. */
  async remove(name: string): Promise<void> {
    const sheet = this.store.captures.find((capture) => capture.name === name)?.sheet;
    await this.store.remove(name);
    if (sheet !== undefined) this.shutter.value = dropped(this.shutter.value, sheet);
  }

  close(): void {
    this.stopFrames?.();
    this.finder.close();
  }
}

/** A session for as long as the calling component is there; `label` is the camera's. */
export function useSession(label: () => string, settings: () => SessionSettings): Session {
  const store = useCaptures();
  const session = new Session(label, settings);
  watch([() => store.sheets, session.calibration], () => session.open(), { immediate: true });
  watch(
    () => store.of,
    () => session.forgetPoses(),
  );
  onBeforeUnmount(() => session.close());
  return session;
}
