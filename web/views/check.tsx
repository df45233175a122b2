import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import { useTexts } from './context.ts';
import { DevicePicker } from './device.tsx';
import { FaultNote } from './fault.tsx';
import { LevelBar, Video } from './media.tsx';
import { NewDevices } from './new-devices.tsx';
import { CameraButton, MicrophoneButton } from './switches.tsx';

interface CheckProps {
  readonly page: Page;
  readonly state: PageState;
}

/** Of UTF-8: what the sealed announcement holds. Letters beyond ASCII count more than once there. */
const MAX_NAME_BYTES = 64;
const fits = (name: string): boolean => new TextEncoder().encode(name.trim()).length <= MAX_NAME_BYTES;

export const CheckView = ({ page, state }: CheckProps) => (
  <main class="check">
    <Preview page={page} state={state} />
    <JoinForm page={page} state={state} />
  </main>
);

const Preview = ({ page, state }: CheckProps) => {
  const { check } = useTexts();
  const { camera, microphone } = state.devices;
  const isStarting = camera.isStarting || microphone.isStarting;
  return (
    <section class="preview" aria-label={check.camera}>
      {camera.track !== undefined && <Video track={camera.track} label={check.camera} isMirrored isWhole />}
      {camera.track === undefined && <p class="hint">{isStarting ? check.starting : check.cameraOff}</p>}
      <div class="preview-bar">
        <MicrophoneButton page={page} state={state} />
        <CameraButton page={page} state={state} />
        <LevelBar track={microphone.track} label={check.level} />
      </div>
    </section>
  );
};

const JoinForm = ({ page, state }: CheckProps) => {
  const { check, productName } = useTexts();
  const { camera, microphone } = state.devices;
  const isEmpty = camera.track === undefined && microphone.track === undefined;
  const canJoin =
    state.name.trim() !== '' && fits(state.name) && !camera.isStarting && !microphone.isStarting;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (canJoin) void page.join();
  };
  return (
    <form class="join" onSubmit={submit}>
      <p class="brand">{productName}</p>
      <h1>{check.title}</h1>
      <p>{check.intro}</p>
      <NameField page={page} name={state.name} />
      <DevicePicker page={page} kind="camera" device={camera} />
      <DevicePicker page={page} kind="microphone" device={microphone} />
      <NewDevices page={page} state={state} />
      <DeviceFaults page={page} state={state} />
      <button type="submit" class="primary" disabled={!canJoin}>
        {isEmpty ? check.joinWithout : check.join}
      </button>
    </form>
  );
};

const NameField = ({ page, name }: { readonly page: Page; readonly name: string }) => {
  const { check } = useTexts();
  return (
    <label class="field">
      <span>{check.name}</span>
      <input
        value={name}
        maxLength={MAX_NAME_BYTES}
        autocomplete="name"
        autofocus
        required
        aria-invalid={!fits(name)}
        aria-describedby="name-hint"
        onInput={(event) => page.setName(event.currentTarget.value)}
      />
      <small id="name-hint">{check.nameHint}</small>
    </label>
  );
};

/** One sentence each; both faults are tried again together. */
const DeviceFaults = ({ page, state }: CheckProps) => {
  const { camera, microphone } = state.devices;
  const faults = [camera.fault, microphone.fault].filter((fault) => fault !== undefined);
  if (faults.length === 0) return null;
  return (
    <div class="notes">
      {faults.map((fault) => (
        <FaultNote key={fault} code={fault} />
      ))}
      <button type="button" onClick={() => page.startDevices()}>
        {useTexts().check.again}
      </button>
    </div>
  );
};
