const NAMES: Record<string, string> = { h264: "H.264", hevc: "H.265", h265: "H.265", mjpeg: "MJPEG" };

/** As the boxes' own menus write it. */
export const codecName = (codec: string): string => NAMES[codec.toLowerCase()] ?? codec.toUpperCase();
