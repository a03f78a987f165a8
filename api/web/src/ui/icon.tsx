/** Line icons on a 20 px grid; they take the colour of the text beside them and are never the only name of a control. */

const PATHS = {
  events: "M3 4.5h14v8.5H3zM3 16.5h14M6.5 10.5l2.2-2.4 2 1.8 1.6-1.4 2 2",
  live: "M2.5 6h10v8h-10zM12.5 9l5-2.5v7l-5-2.5",
  patrol: "M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5M10 12.3a2.3 2.3 0 100-4.6 2.3 2.3 0 000 4.6",
  print: "M6 8V3.5h8V8M6 14H3.5V8h13v6H14M6 11.5h8v5H6z",
  wall: "M2.5 4h15v9.5h-15zM7.5 4v9.5M12.5 4v9.5M2.5 8.8h15M7 16.5h6",
  cases: "M3 6.5h14v9.5H3zM7 6.5V4h6v2.5M3 10.5h14",
  cameras: "M3 6.5l11-3 1.2 4.4-11 3zM6 10.4l1 3.1M4 16.5l3-3h3",
  map: "M3 5.5l4.5-2 5 2 4.5-2v11l-4.5 2-5-2-4.5 2zM7.5 3.5v11M12.5 5.5v11",
  alerts: "M5 13.5V9a5 5 0 0110 0v4.5l1.5 1.5h-13zM8.3 17h3.4",
  health: "M2.5 10.5H6l2-5 3.5 9.5 2.2-4.5h3.8",
  audit: "M5 3.5h8l2.5 2.5v10.5H5zM7.5 9h5.5M7.5 12h5.5M7.5 6h3",
  admin: "M10 3l6 2.2v4.3c0 3.6-2.5 6.2-6 7.5-3.5-1.3-6-3.9-6-7.5V5.2zM7.5 10l1.8 1.8 3.4-3.6",
  me: "M10 10a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4M3.8 17c.6-3.2 3-5 6.2-5s5.6 1.8 6.2 5",
  more: "M4 10h.01M10 10h.01M16 10h.01",
  close: "M5 5l10 10m0-10L5 15",
  down: "M5.5 8l4.5 4.5L14.5 8",
  left: "M12 4.5L6.5 10l5.5 5.5",
  right: "M8 4.5l5.5 5.5L8 15.5",
  search: "M9 14.5a5.5 5.5 0 100-11 5.5 5.5 0 000 11M13.2 13.2L17 17",
  filter: "M3 5.5h14M5.5 10h9M8 14.5h4",
  grid: "M3.5 3.5h5.5V9H3.5zM11 3.5h5.5V9H11zM3.5 11H9v5.5H3.5zM11 11h5.5v5.5H11z",
  list: "M3.5 5h13M3.5 10h13M3.5 15h13",
  export: "M10 3v9M6.5 8.8L10 12.3l3.5-3.5M4 16.5h12",
  bookmark: "M6 3.5h8v13l-4-3-4 3Z",
  flag: "M5 17V3.5M5 4.5h9.5l-2 3 2 3H5",
  note: "M4.5 3.5h11v9l-4 4h-7zM7.5 7h5M7.5 10h5M11.5 16.5v-4h4",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  play: "M6.5 4v12l9.5-6z",
  playback: "M3.5 10a6.5 6.5 0 106.5-6.5c-2 0-3.8.9-5 2.3M4.5 3v3h3M10 6.5V10l2.5 1.5",
  pause: "M6.5 4.5v11M13.5 4.5v11",
  frameOn: "M5 4.5v11l7-5.5zM15 4.5v11",
  frameBack: "M15 4.5v11L8 10zM5 4.5v11",
  on10: "M4 5l5 5-5 5M10.5 5l5 5-5 5",
  back10: "M16 5l-5 5 5 5M9.5 5l-5 5 5 5",
  eventOn: "M5 17V3.5M5 4.5h6l-1.5 2 1.5 2H5M10 14h6.5M14 11.5l2.5 2.5-2.5 2.5",
  eventBack: "M15 17V3.5M15 4.5H9l1.5 2L9 8.5h6M10 14H3.5M6 11.5L3.5 14 6 16.5",
  still: "M3 6.5h3.5L8 4.5h4l1.5 2H17v9H3zM10 13.5a2.7 2.7 0 100-5.4 2.7 2.7 0 000 5.4",
  cut: "M6 6.5a1.8 1.8 0 100-3.6 1.8 1.8 0 000 3.6M6 17a1.8 1.8 0 100-3.6A1.8 1.8 0 006 17M7.4 6L16 15M7.4 14L16 5",
  hold: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 016 0V9",
  screen: "M2.5 3.5h15v10h-15zM10 13.5v3M6.5 16.5h7",
  full: "M3.5 7.5v-4h4M16.5 7.5v-4h-4M3.5 12.5v4h4M16.5 12.5v4h-4",
  place: "M10 17s5.5-5 5.5-9a5.5 5.5 0 10-11 0c0 4 5.5 9 5.5 9M10 10a2 2 0 100-4 2 2 0 000 4",
  clock: "M10 17a7 7 0 100-14 7 7 0 000 14M10 6v4l2.5 2",
  keyboard: "M2.5 5.5h15v9h-15zM5 8.5h.01M8 8.5h.01M11 8.5h.01M14 8.5h.01M6.5 11.7h7",
  add: "M10 4v12M4 10h12",
  farther: "M4 10h12",
  warning: "M10 3.5l7 12.5H3zM10 8.5v3.5M10 14h.01",
  offline: "M3 3l14 14M2.8 8.2c1.3-1.2 2.8-2 4.4-2.4M17.2 8.2a10.5 10.5 0 00-6-2.8M6 11.5a6 6 0 013-1.6M10 15.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
