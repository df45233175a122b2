import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import { useTexts } from './context.ts';
import { FaultNote } from './fault.tsx';

interface NewDevicesProps {
  readonly page: Page;
  readonly state: Pick<PageState, 'newDevices'>;
}

/** Before anything else is done: somebody else may have enrolled a device in this person's name. */
export const NewDevices = ({ page, state }: NewDevicesProps) => {
  const { notices } = useTexts();
  if (state.newDevices.length === 0) return null;
  return (
    <div class="notes">
      <FaultNote code="device.new">
        <ul class="ids">
          {state.newDevices.map((device) => (
            <li key={device}>{device}</li>
          ))}
        </ul>
      </FaultNote>
      <button type="button" onClick={() => page.dismiss('device.new')}>
        {notices.known}
      </button>
    </div>
  );
};
