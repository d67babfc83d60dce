// @ts-check
/** The wrong requests of tests/bad-requests.json, sent to the host command. */
import { testBadRequests } from "../lib/bad-requests.js";
import { fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";

const { origin } = await host([await fixture("iris-forest").compiled()]);
testBadRequests(origin);
