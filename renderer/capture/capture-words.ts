import type { CaptureRecord } from '../../lab/api.ts';
import { counted } from '../words.ts';

/** How a photograph came out, in a word, a sign and a line. */
export interface CaptureState {
  readonly kind: 'good' | 'poor' | 'none' | 'out';
  readonly icon: 'good' | 'warning' | 'missing' | 'rejected';
  readonly text: string;
}

/** What the strip says of a photograph. */
export function captureState({ problem, decision, reasons, crops }: CaptureRecord): CaptureState {
  if (problem !== undefined) return { kind: 'none', icon: 'missing', text: problem };
  if (decision === 'excluded') return { kind: 'out', icon: 'rejected', text: 'left out' };
  if (decision === 'included') return { kind: 'good', icon: 'good', text: 'put in though it is poor' };
  if (reasons.length > 0) return { kind: 'poor', icon: 'warning', text: reasons.join('; ') };
  const poor = crops.filter((crop) => crop.reasons.length > 0 && crop.decision !== 'included').length;
  if (poor === 0) return { kind: 'good', icon: 'good', text: `good: ${counted(crops.length, 'image')}` };
  const text = `${poor} of ${counted(crops.length, 'image')} are poor`;
  return {
    kind: poor === crops.length ? 'poor' : 'good',
    icon: poor === crops.length ? 'warning' : 'good',
    text,
  };
}
