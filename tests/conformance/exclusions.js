// @ts-check
/** The cases that need not pass, with a reason each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { repository } from "../lib/dist.js";

/** @type {{ reason: string, cases: string[] }[]} one `*` in a case's name stands for anything */
const list = JSON.parse(readFileSync(join(repository, "tests", "conformance", "exclusions.json"), "utf8"));

/** Why the case of that suite and name need not pass. @param {string} id */
export function reason(id) {
  return list.find(({ cases }) => cases.some((entry) => isLike(id, entry)))?.reason;
}

/** @param {string} id @param {string} entry */
function isLike(id, entry) {
  const [head, tail] = entry.split("*");
  if (tail === undefined) return id === entry;
  return id.length >= head.length + tail.length && id.startsWith(head) && id.endsWith(tail);
}
