/** A share as whole per cent, rounded down: only what is whole is 100 %. */
export const percent = (share: number | null): string => (share === null ? "–" : `${Math.floor(share * 100 + 1e-9)}%`);
