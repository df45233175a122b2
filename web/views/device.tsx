import type { DeviceKind, DeviceState } from '../page/devices.ts';
import type { Page } from '../page/page.ts';
import { useTexts } from './context.ts';

interface PickerProps {
  readonly page: Page;
  readonly kind: DeviceKind;
  readonly device: DeviceState;
}

/** Which camera or microphone; nothing to choose from shows as an empty list that cannot be opened. */
export const DevicePicker = ({ page, kind, device }: PickerProps) => {
  const { check } = useTexts();
  return (
    <label class="field">
      <span>{check[kind]}</span>
      <select
        value={device.chosen}
        disabled={device.choices.length === 0 || device.isStarting}
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
