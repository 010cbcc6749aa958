import { nothing } from './shared.ts';

/** The lab itself: what runs here and on what. */
export const houseRequests = { about: nothing, doctor: nothing } as const;

/** What runs here. */
export interface About {
  readonly version: string;
  /** Node's words: `linux x64`. */
  readonly platform: string;
  readonly node: string;
  /** Where this lab keeps what it is given. */
  readonly dataDir: string;
}

/** One execution provider of ONNX Runtime. */
export interface ProviderState {
  readonly name: string;
  readonly available: boolean;
  /** In words, such as `CPU, 8 threads`. */
  readonly description: string;
  /** Why it isn't available. */
  readonly reason?: string;
}

/** A library that the lab stands on. */
export interface Component {
  readonly name: string;
  /** Null where it isn't installed. */
  readonly version: string | null;
  /** What it does here, or what it would bring. */
  readonly role: string;
}

export interface DoctorReport {
  readonly providers: readonly ProviderState[];
  readonly components: readonly Component[];
}

export interface HouseApi {
  about(): Promise<About>;
  /** Tries each provider: a second or so. */
  doctor(): Promise<DoctorReport>;
}
