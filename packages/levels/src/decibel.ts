/** What digital silence is reported as, and the floor of every level: JSON knows no −∞. */
export const SILENCE_DBFS = -120;

/** dBFS of an amplitude (1 = full scale), unrounded; {@link SILENCE_DBFS} at least. */
export function toDbfs(amplitude: number): number {
  return amplitude > 0 ? Math.max(SILENCE_DBFS, 20 * Math.log10(amplitude)) : SILENCE_DBFS;
}

/** Amplitude (1 = full scale) of dBFS; 0 of {@link SILENCE_DBFS} and below, NaN of NaN. */
export function toAmplitude(dbfs: number): number {
  return dbfs <= SILENCE_DBFS ? 0 : 10 ** (dbfs / 20);
}

/** dBFS to a hundredth, as levels report it. */
export function roundedDbfs(amplitude: number): number {
  return Math.round(toDbfs(amplitude) * 100) / 100 + 0; // + 0: just below full scale is 0, not −0
}
