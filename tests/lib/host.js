// @ts-check
/** The host command, serving. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";

import { dist } from "./dist.js";

/**
 * Starts `edgeinfer serve`, on a free port unless `args` name an address, and
 * waits until it serves. It ends with the tests that it was started for.
 * @param {string[]} args
 * @param {{ env?: Record<string, string> }} [options] `env` is added to the environment
 */
export async function host(args, { env } = {}) {
  const address = args.includes("--addr") ? [] : ["--addr", "127.0.0.1:0"];
  const command = spawn(dist("edgeinfer"), ["serve", ...args, ...address], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  command.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
  /** @type {Promise<number | string>} its exit code, or the signal that killed it */
  const ended = once(command, "close").then(([code, signal]) => code ?? signal);

  /**
   * Waits until what it printed matches. Fails when it ends before.
   * @param {RegExp} pattern
   */
  async function says(pattern) {
    for (;;) {
      const match = pattern.exec(printed);
      if (match) return match;
      const last = await Promise.race([once(command.stderr, "data").then(() => undefined), ended]);
      if (last !== undefined && !pattern.test(printed)) {
        throw new Error(`edgeinfer serve ended with ${last} and did not say ${pattern}:\n${printed}`);
      }
    }
  }

  async function stop() {
    if (command.exitCode === null) command.kill("SIGINT");
    await ended;
  }
  after(stop);

  const [, origin] = await says(/^serving (http:\S+)$/m);
  return {
    origin,
    says,
    /** Ends it as Ctrl-C does. */
    stop,
    /** What it printed so far, standard error. */
    printed: () => printed,
    /** @param {NodeJS.Signals} signal */
    signal: (signal) => void command.kill(signal),
    /** Its exit code, once it ends. */
    ended: () => ended,
  };
}
