import { useEffect, useRef } from 'preact/hooks';
import { useLevels } from './context.ts';

interface TrackProps {
  readonly track: MediaStreamTrack;
}

const useTrack = (track: MediaStreamTrack) => {
  const element = useRef<HTMLMediaElement | null>(null);
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    target.srcObject = new MediaStream([track]);
    // Where the browser holds it back until the person does something, `autoplay` starts it then.
    target.play().catch(() => {});
    return () => {
      target.srcObject = null;
    };
  }, [track]);
  return (found: HTMLMediaElement | null): void => {
    element.current = found;
  };
};

interface VideoProps extends TrackProps {
  readonly label: string;
  readonly isMirrored?: boolean;
  readonly isWhole?: boolean;
}

/** A picture; sound has elements of its own, so that it goes on when its tile is not drawn. */
export const Video = ({ track, label, isMirrored = false, isWhole = false }: VideoProps) => {
  const classes = ['video', isMirrored && 'mirrored', isWhole && 'whole'].filter(Boolean).join(' ');
  return <video ref={useTrack(track)} class={classes} aria-label={label} autoplay playsInline muted />;
};

export const Sound = ({ track }: TrackProps) => <audio ref={useTrack(track)} autoplay />;

/** Calls `onLevel` with the track's loudness, 0 to 1, while the component lives. */
export const useLevel = (track: MediaStreamTrack | undefined, onLevel: (loudness: number) => void): void => {
  const levels = useLevels();
  useEffect(() => (track === undefined ? undefined : levels?.watch(track, onLevel)), [track, levels]);
};

interface LevelBarProps {
  readonly track: MediaStreamTrack | undefined;
  readonly label: string;
}

/** A bar that follows the track's loudness without drawing the page anew. */
export const LevelBar = ({ track, label }: LevelBarProps) => {
  const bar = useRef<HTMLMeterElement>(null);
  useLevel(track, (loudness) => {
    if (bar.current !== null) bar.current.value = loudness;
  });
  return <meter ref={bar} class="level" min={0} max={1} aria-label={label} />;
};
