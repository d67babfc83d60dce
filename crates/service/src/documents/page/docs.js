// The pages /docs and /redoc: what /openapi.json says, to try or to read.

const view = document.body.dataset.view;
const main = document.getElementById("operations");

/** An element with text or children; text is never taken for markup. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** What a reference names. */
function resolved(api, value) {
  const path = value?.$ref?.slice(2).split("/");
  return path ? path.reduce((within, name) => within?.[name], api) : value;
}

/** The operations by their tag; those of the default model come first. */
function operations(api) {
  const byTag = new Map([["The default model", []]]);
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!operation?.operationId) continue;
      const tag = operation.tags?.[0] ?? "Other";
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push({ path, method, operation });
    }
  }
  return [...byTag].filter(([, entries]) => entries.length > 0);
}

function heading({ path, method, operation }) {
  return [
    element("span", { class: `method ${method}` }, method.toUpperCase()),
    element("span", { class: "path" }, path),
    element("span", { class: "note" }, operation.summary ?? ""),
  ];
}

/** A form that sends the operation's request and shows the answer. */
function trial({ path, method, operation }) {
  const form = element("form", { class: "body" });
  const parts = (operation.parameters ?? []).map((parameter) => {
    const choices = parameter.schema?.enum;
    const input = choices
      ? element("select", {}, ...choices.map((choice) => element("option", {}, choice)))
      : element("input", { required: "" });
    form.append(element("label", {}, `${parameter.name} `, input));
    return [parameter.name, input];
  });
  const content = operation.requestBody?.content?.["application/json"];
  const body = content && element("textarea", { spellcheck: "false" });
  if (body) {
    body.value = JSON.stringify(content.example ?? {}, null, 2);
    body.rows = Math.min(body.value.split("\n").length + 1, 20);
    body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.append(element("label", {}, "Body (JSON); Ctrl and Enter send it", body));
  }
  const answer = element("div", { role: "status" });
  form.append(element("button", {}, "Send"), answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = parts.reduce((url, [name, input]) => url.replace(`{${name}}`, encodeURIComponent(input.value)), path);
    answer.replaceChildren("…");
    answer.replaceChildren(...(await sent(method, filled, body?.value)));
  });
  return form;
}

/** The header that says who asks: a key comes that way too. */
function credentials() {
  const key = document.getElementById("key").value.trim();
  return key ? { authorization: `Bearer ${key}` } : {};
}

async function sent(method, url, body) {
  const headers = credentials();
  if (body !== undefined) headers["content-type"] = "application/json";
  const start = performance.now();
  try {
    const response = await fetch(url, { method: method.toUpperCase(), headers, body });
    const text = await response.text();
    const time = (performance.now() - start).toFixed(1);
    const line = `${response.status} ${response.statusText} in ${time} ms, request ${response.headers.get("x-request-id") ?? "?"}`;
    return [element("p", { class: response.ok ? "" : "bad" }, line), element("pre", {}, indented(text))];
  } catch (error) {
    return [element("p", { class: "bad" }, String(error))];
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A schema's type in words; what has a name is a link to it. */
function typeOf(api, schema) {
  const name = schema?.$ref?.split("/").at(-1);
  if (name) return [element("a", { href: `#type-${name}` }, name)];
  const either = schema?.oneOf ?? schema?.anyOf;
  if (either) return either.flatMap((one, index) => [...(index ? [" or "] : []), ...typeOf(api, one)]);
  if (schema?.enum) return [schema.enum.map((one) => JSON.stringify(one)).join(", ")];
  if (schema?.type === "array" && schema.items) return ["array of ", ...typeOf(api, schema.items)];
  return [[schema?.type ?? "anything"].flat().join(" or ")];
}

/** The fields of an object, or what else it is. */
function fields(api, schema) {
  const either = schema?.oneOf ?? schema?.anyOf;
  if (either) return either.flatMap((one) => [element("p", {}, "Either: ", ...typeOf(api, one)), ...(one.properties ? fields(api, one) : [])]);
  if (!schema?.properties) return [element("p", {}, element("code", {}, ...typeOf(api, schema)))];
  const rows = Object.entries(schema.properties).map(([name, property]) => {
    const required = schema.required?.includes(name) ? [] : [element("span", { class: "note" }, " optional")];
    const about = property.description ?? resolved(api, property)?.description ?? "";
    return element("div", {}, element("dt", {}, element("code", {}, name), ...required), element("dd", {}, element("code", {}, ...typeOf(api, property))), element("dd", {}, about));
  });
  return [element("dl", {}, ...rows)];
}

/** An operation to read. */
function article(api, entry) {
  const { operation } = entry;
  const body = element("div", { class: "body" });
  const request = operation.requestBody?.content?.["application/json"];
  if (request) {
    body.append(element("h4", {}, "Request: ", ...typeOf(api, request.schema)));
    if (request.example) body.append(element("pre", { tabindex: "0" }, JSON.stringify(request.example, null, 2)));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = response.content?.["application/json"]?.schema;
    const name = status === "default" ? "Any other status" : status;
    body.append(element("h4", {}, `${name}: ${response.description}`, ...(schema ? [" (", ...typeOf(api, schema), ")"] : [])));
  }
  return element("article", { id: operation.operationId }, element("h3", {}, ...heading(entry)), body);
}

/** The types that operations name. */
function types(api) {
  return Object.entries(api.components?.schemas ?? {}).map(([name, schema]) =>
    element("article", { id: `type-${name}` },
      element("h3", {}, element("code", {}, name), element("span", { class: "note" }, schema.description ?? "")),
      element("div", { class: "body" }, ...fields(api, schema))));
}

function contents(groups) {
  const list = groups.map(([tag, entries]) => element("ul", {}, element("li", {}, element("strong", {}, tag)), ...entries.map(({ path, method, operation }) =>
    element("li", {}, element("a", { href: `#${operation.operationId}` }, `${method.toUpperCase()} ${path}`)))));
  return element("nav", { class: "contents", "aria-label": "Operations" }, ...list);
}

function show(api) {
  const groups = operations(api);
  const isRead = view === "read";
  main.replaceChildren(...(isRead ? [contents(groups)] : []));
  for (const [tag, entries] of groups) {
    main.append(element("h2", {}, tag));
    for (const entry of entries) {
      main.append(isRead ? article(api, entry) : element("details", {}, element("summary", {}, ...heading(entry)), trial(entry)));
    }
  }
  if (isRead) main.append(element("h2", {}, "Types"), ...types(api));
  // The place that the address names was not there before.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function load() {
  try {
    const response = await fetch("/openapi.json", { headers: credentials() });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error?.message ?? response.statusText);
    show(answer);
  } catch (error) {
    main.replaceChildren(element("p", { class: "bad", role: "alert" }, `The description cannot be read: ${error.message}`));
  }
}

document.getElementById("access").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
await load();
