// One row of the iris forest over HTTP, beside FastAPI and onnxruntime, in one run.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { median } from "../measure.js";
import { client } from "./client.js";

const { values: options } = parseArgs({ options: { json: { type: "string" }, quick: { type: "boolean" } } });
const repository = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${repository}tests/fixtures/iris-forest`;
const dist = `${repository}target/dist`;
const python = `${repository}target/bench-http/bin/python`;
const BODY = '{"features":[5.1,3.5,1.4,0.2]}';
// What a request may cost: in this process, and in the component.
const LIMITS = { native: 40, component: 80 };
const [ROUNDS, REQUESTS] = options.quick ? [5, 400] : [15, 2000];

const model = `${dist}/models/iris-forest.edge`;
const environment = { ...process.env, EDGEINFER_BENCH_MODEL: folder, PYTHONDONTWRITEBYTECODE: "1" };

const report = { cpu: cpus()[0]?.model, handler: {}, http: {} };
report.handler.native = native();
report.handler.fastapi = Number(execFileSync(python, [`${repository}bench/http/cost.py`, BODY], { env: environment }));

const ours = await server(`${dist}/edgeinfer`, ["serve", model, "--addr", "127.0.0.1:0"], /^serving (http:\S+)$/m);
const theirs = await server(python, ["-m", "uvicorn", "app:app", "--app-dir", `${repository}bench/http`, "--port", "0", "--no-access-log"], /running on (http:\S+)/);
try {
  const [a, b] = [await client(ours.origin, "/predict", BODY), await client(theirs.origin, "/predict", BODY)];
  same(JSON.parse((await a.send()).body), JSON.parse((await b.send()).body));
  const [rounds, theirRounds, before] = [[], [], [ours, theirs].map(({ processor }) => processor())];
  // In turns, so that both see the same machine.
  for (let round = 0; round <= ROUNDS; round++) {
    rounds.push(await timed(a));
    theirRounds.push(await timed(b));
  }
  const [spent, theirSpent] = [ours, theirs].map(({ processor }, index) => (processor() - before[index]) / (ROUNDS + 1) / REQUESTS);
  report.processor = { component: spent, fastapi: theirSpent };
  const medianOf = (rounds, figure) => median(rounds.slice(1).map((round) => round[figure]));
  report.handler.component = medianOf(rounds, "process");
  report.http = { component: medianOf(rounds, "whole"), fastapi: medianOf(theirRounds, "whole") };
  a.end();
  b.end();
} finally {
  ours.stop();
  theirs.stop();
}
print(report);
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

/** Microseconds of a request in the service as a native library. */
function native() {
  const body = `${repository}target/bench-http/body.json`;
  writeFileSync(body, BODY);
  const printed = execFileSync(`${repository}target/release/examples/handler_cost`, [model, body], { encoding: "utf8" });
  return Number(/([\d.]+) µs a request/.exec(printed)[1]);
}

/** Starts a server and waits until it says where. */
async function server(program, args, says) {
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
  while (!says.test(printed)) {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  /** Microseconds of processor time, of all its threads; Linux counts in hundredths of a second. */
  const processor = () => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1e4;
  };
  return { origin: says.exec(printed)[1], processor, stop: () => child.kill() };
}

/** Microseconds of a request, as the client sees it and, by the median, as the server says. */
async function timed({ send }) {
  const processes = [];
  const start = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const { head } = await send();
    if (!head.startsWith("HTTP/1.1 200")) throw new Error(head);
    processes.push(Number(/^x-process-time: *([\d.]+)/im.exec(head)?.[1]) * 1e6);
  }
  return { whole: ((performance.now() - start) * 1e3) / REQUESTS, process: median(processes) };
}

/** Both give the same prediction, as far as float32 goes. */
function same(ours, theirs) {
  const close = ours.probabilities.every((p, index) => Math.abs(p - theirs.probabilities[index]) < 1e-5);
  if (!close || ours.label !== theirs.label) throw new Error(`${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`);
}

function print({ cpu, handler, http, processor }) {
  const lines = [`${cpu}; one row of the iris forest to POST /predict`, "natively, and of FastAPI's handler: the best of rounds; else medians", ""];
  const row = (...cells) => lines.push(cells.map((cell, i) => (i ? cell.padStart(18) : cell.padEnd(52))).join(""));
  const figure = (value) => `${value.toFixed(1)} µs`;
  const ratio = (ours, theirs) => `${(theirs / ours).toFixed(1)}x`;
  row("", "edgeinfer", "FastAPI + ort", "theirs / ours", "bound");
  row("reading, checking, predicting, writing: natively", figure(handler.native), figure(handler.fastapi), ratio(handler.native, handler.fastapi), bound("native"));
  row("the same in the component, under wasmtime", figure(handler.component), figure(handler.fastapi), ratio(handler.component, handler.fastapi), bound("component"));
  row("over HTTP, one connection, the component and uvicorn", figure(http.component), figure(http.fastapi), ratio(http.component, http.fastapi));
  row("processor time of the whole server for it", figure(processor.component), figure(processor.fastapi), ratio(processor.component, processor.fastapi));
  process.stdout.write(`${lines.join("\n")}\n`);
}

function bound(what) {
  return `${LIMITS[what]} µs${report.handler[what] <= LIMITS[what] ? "" : ": passed"}`;
}
