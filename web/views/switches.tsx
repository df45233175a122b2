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
  /** What keeps it from being pressed. */
  readonly why?: string | undefined;
  readonly onClick: () => void;
}

export const RoundButton = ({
  label,
  icon,
  letter,
  kind = 'on',
  disabled = false,
  why,
  onClick,
}: RoundButtonProps) => {
  const { key } = useTexts().controls;
  const named = letter === undefined ? label : `${label} (${key(letter.toUpperCase())})`;
  return (
    <button
      type="button"
      class={`round ${kind}`}
      aria-label={label}
      aria-keyshortcuts={letter}
      aria-description={why}
      title={why === undefined ? named : `${label}: ${why}`}
      disabled={disabled || why !== undefined}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span aria-hidden="true">{label}</span>
    </button>
  );
};

/** Why it cannot be turned on. Where nobody conducts the meeting everybody sends what they have. */
const useDenial = ({ conduct }: PageState, source: Source): string | undefined => {
  const { observing, notGranted } = useTexts().controls;
  if (conduct === undefined || conduct.maySend.has(source)) return undefined;
  return conduct.isObserver ? observing : notGranted;
};

export const isMicrophoneOn = ({ devices, isMuted }: PageState): boolean =>
  devices.microphone.track !== undefined && !isMuted;

export const MicrophoneButton = ({ page, state }: SwitchProps) => {
  const { mute, unmute } = useTexts().controls;
  const isOn = isMicrophoneOn(state);
  const denial = useDenial(state, 'microphone');
  return (
    <RoundButton
      label={isOn ? mute : unmute}
      icon={isOn ? 'microphone' : 'microphone-off'}
      kind={isOn ? 'on' : 'off'}
      letter={KEYS.microphone}
      disabled={state.devices.microphone.isStarting}
      why={isOn ? undefined : denial}
      onClick={() => page.toggleMicrophone()}
    />
  );
};

export const CameraButton = ({ page, state }: SwitchProps) => {
  const { cameraOn, cameraOff } = useTexts().controls;
  const isOn = state.devices.camera.track !== undefined;
  const denial = useDenial(state, 'camera');
  return (
    <RoundButton
      label={isOn ? cameraOff : cameraOn}
      icon={isOn ? 'camera' : 'camera-off'}
      kind={isOn ? 'on' : 'off'}
      letter={KEYS.camera}
      disabled={state.devices.camera.isStarting}
      why={isOn ? undefined : denial}
      onClick={() => page.toggleCamera()}
    />
  );
};

export const ScreenButton = ({ page, state }: SwitchProps) => {
  const { shareScreen, stopScreen } = useTexts().controls;
  const isShared = state.ownScreen !== undefined;
  const denial = useDenial(state, 'screen');
  return (
    <RoundButton
      label={isShared ? stopScreen : shareScreen}
      icon={isShared ? 'screen-off' : 'screen'}
      letter={KEYS.screen}
      why={isShared ? undefined : denial}
      onClick={() => page.toggleScreen()}
    />
  );
};
