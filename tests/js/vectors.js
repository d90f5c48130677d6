/**
 * Runs a file of shared vectors, as tests/vectors/README.md describes them.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/**
 * @template Machine
 * @param {string} name
 * @param {{create: (given: any) => Machine, handle: (machine: Machine, input: any) => unknown[],
 *   stateOf: (machine: Machine) => Record<string, unknown>}} subject
 */
export function runVectors(name, { create, handle, stateOf }) {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name: promise, given, steps } of cases) {
    test(`${name}: ${promise}`, () => {
      const subject = create(given);
      steps.forEach((/** @type {any} */ step, /** @type {number} */ index) => {
        const where = `step ${index}, ${JSON.stringify(step.in)}`;
        assert.deepEqual(handle(subject, expandEvents(step.in)), step.out, where);
        assert.deepEqual(pick(stateOf(subject), step.state ?? {}), step.state ?? {}, where);
      });
    });
  }
}

/**
 * @param {Record<string, unknown>} state
 * @param {Record<string, unknown>} keys
 */
function pick(state, keys) {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, state[key]]));
}

/** The shorthand: an event may be written as its `seq`. @param {any} input */
function expandEvents(input) {
  if (typeof input.event === 'number') return { ...input, event: expand(input.event) };
  if (input.event?.seq !== undefined) return { ...input, event: expand(input.event) };
  if (!input.ack?.events) return input;
  return { ...input, ack: { ...input.ack, events: input.ack.events.map(expand) } };
}

/** @param {any} event */
export function expand(event) {
  const seq = typeof event === 'number' ? event : event.seq;
  const whole = {
    room: 'lobby', seq, type: 'message', id: `m${seq}`, ts: seq * 1000, user: { id: 'u_1', name: 'Ana' },
    client_id: `c${seq}`, body: { content: `text ${seq}` },
  };
  return typeof event === 'number' ? whole : { ...whole, ...event };
}
