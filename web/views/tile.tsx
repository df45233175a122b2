import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { makeSpeaking } from '../../src/client/page/level.ts';
import { initialsOf } from '../../src/client/page/people.ts';
import { useLevels, useTexts } from './context.ts';
import { Icon } from './icons.tsx';
import { Video } from './media.tsx';

export interface TileProps {
  readonly name: string;
  /** What the tile says, where that is not the name alone. */
  readonly caption?: string;
  readonly hue: number;
  readonly camera: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
  readonly isMuted: boolean;
  readonly isMirrored?: boolean;
  /** Hears how high the picture is drawn, in pixels of the screen, at first and with each change. */
  readonly onHeight?: (camera: MediaStreamTrack, heightPx: number) => void;
}

/** One person. The ring that says who speaks is drawn without drawing the page anew. */
export const Tile = (props: TileProps) => {
  const { name, caption = name, hue, camera, microphone, isMuted, isMirrored = false, onHeight } = props;
  const texts = useTexts();
  const tile = useRef<HTMLElement>(null);
  useSpeaking(tile, isMuted ? undefined : microphone);
  useHeight(tile, camera, onHeight);
  return (
    <Frame name={caption} frame={tile}>
      {camera === undefined ? (
        <span class="initials" style={{ '--hue': hue }} aria-hidden="true">
          {initialsOf(name)}
        </span>
      ) : (
        <Video track={camera} label={caption} isMirrored={isMirrored} />
      )}
      <figcaption>
        {isMuted && (
          <span class="muted" role="img" aria-label={texts.meeting.muted}>
            <Icon name="microphone-off" />
          </span>
        )}
        <span class="name">{caption}</span>
      </figcaption>
    </Frame>
  );
};

const useSpeaking = (
  tile: { readonly current: HTMLElement | null },
  microphone: MediaStreamTrack | undefined,
): void => {
  const levels = useLevels();
  useEffect(() => {
    if (microphone === undefined) return;
    const speaks = makeSpeaking();
    const show = (isSpeaking: boolean) => tile.current?.classList.toggle('speaking', isSpeaking);
    const cancel = levels?.watch(microphone, (loudness) => show(speaks(loudness)));
    return () => {
      cancel?.();
      show(false);
    };
  }, [tile, microphone, levels]);
};

const useHeight = (
  tile: { readonly current: HTMLElement | null },
  camera: MediaStreamTrack | undefined,
  onHeight: TileProps['onHeight'],
): void => {
  useEffect(() => {
    if (tile.current === null || camera === undefined || onHeight === undefined) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) onHeight(camera, entry.contentRect.height * devicePixelRatio);
    });
    observer.observe(tile.current);
    return () => observer.disconnect();
  }, [tile, camera, onHeight]);
};

interface FrameProps {
  readonly name: string;
  readonly frame: { current: HTMLElement | null };
  readonly children: ComponentChildren;
}

const Frame = ({ name, frame, children }: FrameProps) => (
  <figure ref={frame} class="tile" data-name={name}>
    {children}
  </figure>
);

/** A shared screen, whole. */
export const ScreenTile = ({
  track,
  title,
}: {
  readonly track: MediaStreamTrack;
  readonly title: string;
}) => (
  <figure class="tile screen">
    <Video track={track} label={title} isWhole />
    <figcaption>
      <span class="name">{title}</span>
    </figcaption>
  </figure>
);
