let audio: AudioContext | undefined;

/** A short tick, made here: a shot was taken. Silent where the browser gives no sound before a key was pressed. */
export function tick(): void {
  audio ??= new AudioContext();
  const { currentTime } = audio;
  const tone = audio.createOscillator();
  const loudness = audio.createGain();
  tone.type = 'triangle';
  tone.frequency.setValueAtTime(1800, currentTime);
  tone.frequency.exponentialRampToValueAtTime(900, currentTime + 0.05);
  loudness.gain.setValueAtTime(0.25, currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.09);
  tone.connect(loudness).connect(audio.destination);
  tone.start(currentTime);
  tone.stop(currentTime + 0.1);
  if (audio.state === 'suspended') void audio.resume();
}
