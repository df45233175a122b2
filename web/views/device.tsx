import type { DeviceKind, DeviceState } from '../../src/client/page/devices.ts';
import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';

interface PickerProps {
  readonly page: Page;
  readonly kind: DeviceKind;
  readonly device: DeviceState;
}

/** Which camera or microphone, where there is any to choose. */
export const DevicePicker = ({ page, kind, device }: PickerProps) => {
  const { check } = useTexts();
  if (device.choices.length === 0) return null;
  return (
    <label class="field">
      <span>{check[kind]}</span>
      <select
        value={device.chosen}
        disabled={device.isStarting}
        onChange={(event) => page.choose(kind, event.currentTarget.value)}
      >
        {device.choices.map(({ id, label }, i) => (
          <option key={id} value={id}>
            {label || check.unnamedDevice(i + 1)}
          </option>
        ))}
      </select>
    </label>
  );
};
