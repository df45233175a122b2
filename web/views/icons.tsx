/** Line icons on a grid of 24; the words beside them, or their button's label, say what they mean. */
const PATHS = {
  microphone: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-4v1a6 6 0 0 0 12 0v-1M12 18v3',
  'microphone-off':
    'M9 9v3a3 3 0 0 0 4.7 2.4M15 11.5V6a3 3 0 0 0-5.9-.8M6 11v1a6 6 0 0 0 9 5.2M18 11v1a6 6 0 0 1-.6 2.6M12 18v3M4 4l16 16',
  camera: 'M4 7h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1Zm11 4 6-3v8l-6-3',
  'camera-off':
    'M8 7h5a2 2 0 0 1 2 2v4.5M15 11l6-3v8l-4-2M13.5 17H4a1 1 0 0 1-1-1V8a1 1 0 0 1 .8-1M4 4l16 16',
  screen:
    'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm4 15h8m-4-4v4M9.5 10.5 12 8l2.5 2.5M12 8v5',
  'screen-off':
    'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm4 15h8m-4-4v4M10 8.5l4 4m0-4-4 4',
  leave:
    'M3.5 14.5C2.3 12.700 2.700 11 4.200 9.900c4.500-3.200 11.100-3.200 15.600 0 1.500 1.100 1.900 2.800.7 4.600-.4.600-1.100.8-1.800.6l-2.300-.8c-.7-.2-1.100-.9-1-1.600l.1-1.200a10.400 10.400 0 0 0-7 0l.1 1.200c.1.700-.3 1.400-1 1.600l-2.300.8c-.7.2-1.400 0-1.800-.6Z',
  hand: 'M8 12V5.500a1.500 1.500 0 0 1 3 0V11V4a1.500 1.500 0 0 1 3 0v7V5.500a1.500 1.500 0 0 1 3 0V14a7 7 0 0 1-7 7c-2.600 0-4.200-1-5.500-3.200l-2.300-4a1.600 1.600 0 0 1 2.700-1.700L8 15',
  people:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6.500 9a6.500 6.500 0 0 1 13 0M16 4.500a3.500 3.500 0 0 1 0 6.300M18.500 14a6.500 6.500 0 0 1 3 6',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Zm6 4v2',
  warning: 'M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.5v.1',
  close: 'M6 6l12 12M18 6 6 18',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
