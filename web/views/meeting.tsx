import { useEffect, useState } from 'preact/hooks';
import { mediaKindOf } from '../../src/base/media.ts';
import type { ConductFacts } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';
import { hueOf, type Person, peopleOf } from '../../src/client/page/people.ts';
import type { PageState } from '../../src/client/page/state.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { ConductBanner } from './conduct-banner.tsx';
import { useTexts } from './context.ts';
import { DeniedLine } from './denied-line.tsx';
import { EpochLine } from './epoch-line.tsx';
import { TileGrid } from './grid.tsx';
import { WaitingView } from './joining.tsx';
import { LockLine } from './lock-line.tsx';
import { Sound } from './media.tsx';
import { Notices } from './notices.tsx';
import { PeoplePanel } from './people-panel.tsx';
import {
  CameraButton,
  isMicrophoneOn,
  KEYS,
  MicrophoneButton,
  RoundButton,
  ScreenButton,
} from './switches.tsx';
import { ScreenTile, Tile } from './tile.tsx';

interface MeetingProps {
  readonly page: Page;
  readonly state: PageState;
  readonly meeting: MeetingState;
}

export const MeetingView = ({ page, state, meeting }: MeetingProps) => {
  const texts = useTexts().meeting;
  const people = peopleOf(meeting, state.streams.values());
  const isAway = meeting.phase.kind !== 'in';
  const [hasPanel, showPanel] = useState(false);
  const { leave } = useTexts().controls;
  const { conduct } = state;
  useKeys(page);
  if (meeting.phase.kind === 'waiting')
    return <WaitingView page={page} state={state} label={leave} onLeave={() => page.leave()} />;
  return (
    <div class="meeting">
      <header>
        {meeting.title !== undefined && <h1 class="title">{meeting.title}</h1>}
        <LockLine meeting={meeting} />
        <EpochLine page={page} state={state} meeting={meeting} />
        <p class="count">{texts.people(people.length + 1)}</p>
        <DeniedLine conduct={conduct} />
      </header>
      <p class={isAway ? 'banner' : 'banner hidden'} role="status">
        {isAway && texts.reconnecting}
      </p>
      {conduct && !hasPanel && <ConductBanner page={page} conduct={conduct} onShow={() => showPanel(true)} />}
      {conduct && hasPanel && (
        <PeoplePanel
          page={page}
          conduct={conduct}
          checkpoint={meeting.checkpoint}
          onClose={() => showPanel(false)}
        />
      )}
      <Stage page={page} state={state} meeting={meeting} people={people} />
      <Sounds state={state} />
      <Notices page={page} notices={state.notices} />
      <Controls page={page} state={state} onPeople={() => showPanel(!hasPanel)} />
    </div>
  );
};

interface StageProps {
  readonly page: Page;
  readonly state: PageState;
  readonly meeting: MeetingState;
  readonly people: readonly Person[];
}

/** Shared screens are large, with people in a strip beside them; without any, people have the whole room. */
const Stage = ({ page, state, meeting, people }: StageProps) => {
  const texts = useTexts().meeting;
  const screens = people.filter(({ screen }) => screen !== undefined);
  const hasScreen = screens.length > 0 || state.ownScreen !== undefined;
  const tiles = [<OwnTile key="own" state={state} meeting={meeting} />, ...people.map(personTile(page))];
  if (!hasScreen)
    return (
      <main class="stage">
        <TileGrid>{tiles}</TileGrid>
        {people.length === 0 && <p class="alone">{texts.alone}</p>}
      </main>
    );
  return (
    <main class="stage shared">
      <div class="screens">
        {screens.map(
          ({ participant, name, screen }) =>
            screen && <ScreenTile key={participant} track={screen} title={texts.screenOf(name)} />,
        )}
        {state.ownScreen !== undefined && <ScreenTile track={state.ownScreen} title={texts.ownScreen} />}
      </div>
      <div class="strip">{tiles}</div>
    </main>
  );
};

const personTile =
  (page: Page) =>
  ({ participant, ...person }: Person) => <Tile key={participant} {...person} onHeight={page.showAt} />;

const OwnTile = ({ state, meeting }: Pick<StageProps, 'state' | 'meeting'>) => {
  const { camera, microphone } = state.devices;
  return (
    <Tile
      name={state.name}
      caption={useTexts().meeting.you(state.name.trim())}
      hue={hueOf(meeting.self?.number ?? 0)}
      camera={camera.track}
      microphone={microphone.track}
      isMuted={!isMicrophoneOn(state)}
      isMirrored
    />
  );
};

const Sounds = ({ state }: { readonly state: PageState }) => (
  <div hidden>
    {[...state.streams.values()]
      .filter(({ source }) => mediaKindOf(source) === 'audio')
      .map(({ consumer, output }) => (
        <Sound key={consumer} track={output} />
      ))}
  </div>
);

interface ControlsProps extends Omit<MeetingProps, 'meeting'> {
  readonly onPeople: () => void;
}

const Controls = ({ page, state, onPeople }: ControlsProps) => {
  const { label, leave } = useTexts().controls;
  return (
    <div class="controls" role="toolbar" aria-label={label}>
      <MicrophoneButton page={page} state={state} />
      <CameraButton page={page} state={state} />
      <ScreenButton page={page} state={state} />
      {state.conduct && <ConductButtons page={page} conduct={state.conduct} onPeople={onPeople} />}
      <RoundButton label={leave} icon="leave" kind="leave" onClick={() => page.leave()} />
    </div>
  );
};

interface ConductButtonsProps {
  readonly page: Page;
  readonly conduct: ConductFacts;
  readonly onPeople: () => void;
}

const ConductButtons = ({ page, conduct, onPeople }: ConductButtonsProps) => {
  const { raiseHand, lowerHand, people } = useTexts().controls;
  const isUp = conduct.hand !== undefined;
  return (
    <>
      <RoundButton label={isUp ? lowerHand : raiseHand} icon="hand" onClick={() => page.toggleHand()} />
      <RoundButton label={people(conduct.people.length)} icon="people" onClick={onPeople} />
    </>
  );
};

const useKeys = (page: Page): void => {
  useEffect(() => {
    const actions: Readonly<Record<string, () => Promise<void>>> = {
      [KEYS.microphone]: () => page.toggleMicrophone(),
      [KEYS.camera]: () => page.toggleCamera(),
      [KEYS.screen]: () => page.toggleScreen(),
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      void actions[event.key.toLowerCase()]?.();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [page]);
};
