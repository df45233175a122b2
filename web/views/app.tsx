import { useEffect, useState } from 'preact/hooks';
import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import { CheckView } from './check.tsx';
import { JoiningView } from './joining.tsx';
import { Marked } from './marking.tsx';
import { MeetingView } from './meeting.tsx';
import { OverView } from './over.tsx';

export const App = ({ page }: { readonly page: Page }) => {
  const [state, setState] = useState<PageState>(page.state);
  useEffect(() => {
    setState(page.state);
    return page.onChange(setState);
  }, [page]);
  return <ScreenView page={page} state={state} />;
};

const ScreenView = ({ page, state }: { readonly page: Page; readonly state: PageState }) => {
  const { screen } = state;
  if (screen.kind === 'check') return <CheckView page={page} state={state} />;
  if (screen.kind === 'over') return <OverView page={page} over={screen} />;
  return (
    <Marked charter={(screen.kind === 'meeting' && screen.meeting.charter) || state.charter}>
      {screen.kind === 'joining' ? (
        <JoiningView page={page} state={state} {...screen} />
      ) : (
        <MeetingView page={page} state={state} meeting={screen.meeting} />
      )}
    </Marked>
  );
};
