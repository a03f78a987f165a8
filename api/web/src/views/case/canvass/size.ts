const MB = 1_000_000;

/** As the page tells sizes: in megabytes, one digit below ten. */
export const megabytes = (bytes: number): string => `${bytes < 10 * MB ? (bytes / MB).toFixed(1) : Math.round(bytes / MB)} MB`;
