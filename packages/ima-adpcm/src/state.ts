import { DIFFERENCES, MAX_STEP_INDEX, NEXT_ROWS } from "./tables.js";

/** What a coder carries from one sample of a channel to the next. */
export interface CoderState {
  /** The last decoded sample, −32768 to 32767. */
  predictor: number;
  /** Which step size comes next, 0 to 88. */
  stepIndex: number;
}

/**
 * A state in one number, so that it can be returned without an allocation: the bits of a block header, predictor in
 * 0 to 15, step index in 16 to 22.
 */
export type StateWord = number;

/** The states before a stream's first sample, one per channel: predictor 0, step index 0. */
export function initialStates(channels: 1 | 2): CoderState[] {
  return Array.from({ length: channels }, () => ({ predictor: 0, stepIndex: 0 }));
}

/** @throws {RangeError} for a predictor or a step index that a block header cannot carry */
export function packState({ predictor, stepIndex }: CoderState): StateWord {
  if ((predictor << 16) >> 16 !== predictor) {
    throw new RangeError(`predictor ${predictor} is not an integer of -32768 to 32767`);
  }
  return (predictor & 0xffff) | (checkedStepIndex(stepIndex) << 16);
}

/** Writes a packed state into `target`. */
export function unpackState(state: StateWord, target: CoderState): void {
  target.predictor = predictorOf(state);
  target.stepIndex = stepIndexOf(state);
}

/** The predictor in a packed state. */
export function predictorOf(state: StateWord): number {
  return (state << 16) >> 16;
}

/** The step index in a packed state. */
export function stepIndexOf(state: StateWord): number {
  return state >> 16;
}

/** @throws {RangeError} for a step index over 88 */
export function readHeader(block: Uint8Array, at: number): StateWord {
  return block[at] | (block[at + 1] << 8) | (checkedStepIndex(block[at + 2]) << 16);
}

/** Writes a block header, its reserved byte 0. */
export function writeHeader(out: Uint8Array, at: number, state: StateWord): void {
  out[at] = state;
  out[at + 1] = state >> 8;
  out[at + 2] = state >> 16;
  out[at + 3] = 0;
}

/** The state after a nibble, whose sample is its predictor. */
export function stateAfter(state: StateWord, nibble: number): StateWord {
  const entry = (stepIndexOf(state) << 4) | nibble;
  const predictor = clamp16(predictorOf(state) + DIFFERENCES[entry]);
  return (predictor & 0xffff) | (NEXT_ROWS[entry] << 12);
}

/** The 16-bit sample nearest to `value`. */
export function clamp16(value: number): number {
  if (value > 32767) return 32767;
  if (value < -32768) return -32768;
  return value;
}

function checkedStepIndex(stepIndex: number): number {
  if (Number.isInteger(stepIndex) && stepIndex >= 0 && stepIndex <= MAX_STEP_INDEX) return stepIndex;
  throw new RangeError(`step index ${stepIndex} is not 0 to ${MAX_STEP_INDEX}`);
}
