import type { Source } from '../../src/base/media.ts';
import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import { useTexts } from './context.ts';
import { Icon, type IconName } from './icons.tsx';

/** Each works by its key as well, unless the person is typing. */
export const KEYS = { microphone: 'm', camera: 'v', screen: 's' } as const;

interface SwitchProps {
  readonly page: Page;
  readonly state: PageState;
}

interface RoundButtonProps {
  readonly label: string;
  readonly icon: IconName;
  /** The letter that presses it. */
  readonly letter?: string;
  readonly kind?: 'off' | 'on' | 'leave';
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

export const RoundButton = ({
  label,
  icon,
  letter,
  kind = 'on',
  disabled = false,
  onClick,
}: RoundButtonProps) => {
  const { key } = useTexts().controls;
  return (
    <button
      type="button"
      class={`round ${kind}`}
      aria-label={label}
      aria-keyshortcuts={letter}
      title={letter === undefined ? label : `${label} (${key(letter.toUpperCase())})`}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span aria-hidden="true">{label}</span>
    </button>
  );
};

/** Where nobody conducts the meeting everybody sends what they have. */
const maySend = ({ conduct }: PageState, source: Source): boolean => conduct?.maySend.has(source) ?? true;

export const isMicrophoneOn = ({ devices, isMuted }: PageState): boolean =>
  devices.microphone.track !== undefined && !isMuted;

export const MicrophoneButton = ({ page, state }: SwitchProps) => {
  const { mute, unmute } = useTexts().controls;
  const isOn = isMicrophoneOn(state);
  return (
    <RoundButton
      label={isOn ? mute : unmute}
      icon={isOn ? 'microphone' : 'microphone-off'}
      kind={isOn ? 'on' : 'off'}
      letter={KEYS.microphone}
      disabled={state.devices.microphone.isStarting || (!isOn && !maySend(state, 'microphone'))}
      onClick={() => page.toggleMicrophone()}
    />
  );
};

export const CameraButton = ({ page, state }: SwitchProps) => {
  const { cameraOn, cameraOff } = useTexts().controls;
  const isOn = state.devices.camera.track !== undefined;
  return (
    <RoundButton
      label={isOn ? cameraOff : cameraOn}
      icon={isOn ? 'camera' : 'camera-off'}
      kind={isOn ? 'on' : 'off'}
      letter={KEYS.camera}
      disabled={state.devices.camera.isStarting || (!isOn && !maySend(state, 'camera'))}
      onClick={() => page.toggleCamera()}
    />
  );
};

export const ScreenButton = ({ page, state }: SwitchProps) => {
  const { shareScreen, stopScreen } = useTexts().controls;
  const isShared = state.ownScreen !== undefined;
  return (
    <RoundButton
      label={isShared ? stopScreen : shareScreen}
      icon={isShared ? 'screen-off' : 'screen'}
      letter={KEYS.screen}
      disabled={!isShared && !maySend(state, 'screen')}
      onClick={() => page.toggleScreen()}
    />
  );
};
