// One process from its start to its first prediction: node first.js ENGINE CASE
import { cases, rows } from "./cases.js";
import { engines } from "./engines.js";

const [engine, name] = process.argv.slice(2);
const model = cases().find((candidate) => candidate.name === name);
const run = await engines[engine].load(model);
const { data, shape } = rows(model, 1);
await run(data, shape);
// Process start to here, in milliseconds.
process.stdout.write(String(performance.now()));
