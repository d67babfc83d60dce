// One process from its start to its first prediction: node first.js ENGINE CASE
import { open } from "./cases.js";
import { bytesOf, engines } from "./engines.js";

const [engine, name] = process.argv.slice(2);
const model = open(name);
const { run } = await engines[engine].load(await bytesOf(engines[engine], model));
await run(model.variants[0].inputs);
// Process start to here, in milliseconds.
process.stdout.write(String(performance.now()));
