/** Two short tones, made by the browser: no sound file to fetch, and none that a policy would refuse. */

let context: AudioContext | null = null;

const NOTES = [
  { hz: 880, at: 0 },
  { hz: 1174.7, at: 0.18 },
];
const LONG_S = 0.16;

/** Sounds once. A browser that wants a click first stays silent, and says nothing of it. */
export function chime(): void {
  context ??= new AudioContext();
  for (const note of NOTES) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    const from = context.currentTime + note.at;
    tone.frequency.value = note.hz;
    loud.gain.setValueAtTime(0.0001, from);
    loud.gain.exponentialRampToValueAtTime(0.25, from + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, from + LONG_S);
    tone.connect(loud).connect(context.destination);
    tone.start(from);
    tone.stop(from + LONG_S);
  }
}
