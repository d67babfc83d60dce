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

function operations(api) {
  const byTag = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!operation?.operationId) continue;
      const tag = operation.tags?.[0] ?? "Other";
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push({ path, method, operation });
    }
  }
  return byTag;
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
    form.append(element("label", {}, "Body (JSON)", body));
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

async function sent(method, url, body) {
  const headers = {};
  const key = document.getElementById("key")?.value;
  if (key) headers["x-api-key"] = key;
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

/** A schema's type in words. */
function typeOf(api, schema) {
  if (schema?.$ref) return schema.$ref.split("/").at(-1);
  const either = schema?.oneOf ?? schema?.anyOf;
  if (either) return either.map((one) => typeOf(api, one)).join(" or ");
  if (schema?.enum) return schema.enum.map((one) => JSON.stringify(one)).join(", ");
  if (schema?.type === "array") return `array of ${typeOf(api, schema.items)}`;
  return [schema?.type ?? "anything"].flat().join(" or ");
}

function fields(api, schema) {
  const known = resolved(api, schema);
  const either = known?.oneOf ?? known?.anyOf;
  if (either) return either.flatMap((one) => [element("p", {}, `Either: ${typeOf(api, one)}`), ...fields(api, one)]);
  if (!known?.properties) return [element("p", {}, typeOf(api, known))];
  const rows = Object.entries(known.properties).map(([name, property]) => {
    const required = known.required?.includes(name) ? "required" : "";
    const about = resolved(api, property)?.description ?? property.description ?? "";
    return element("tr", {}, ...[name, typeOf(api, property), required, about].map((cell, index) =>
      element("td", {}, index < 2 ? element("code", {}, cell) : cell)));
  });
  const heads = ["field", "type", "", ""].map((head) => element("th", {}, head));
  return [element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows))];
}

/** An operation to read. */
function article(api, entry) {
  const { operation } = entry;
  const body = element("div", { class: "body" });
  const request = operation.requestBody?.content?.["application/json"];
  if (request) {
    body.append(element("h3", {}, "Request"), ...fields(api, request.schema));
    if (request.example) body.append(element("pre", {}, JSON.stringify(request.example, null, 2)));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = response.content?.["application/json"]?.schema;
    const name = status === "default" ? "Any other status" : status;
    body.append(element("h3", {}, `${name}: ${response.description} (${typeOf(api, schema)})`));
    if (schema && status !== "default") body.append(...fields(api, schema));
  }
  return element("article", {}, element("h3", {}, ...heading(entry)), body);
}

function show(api) {
  main.replaceChildren();
  for (const [tag, entries] of operations(api)) {
    main.append(element("h2", {}, tag));
    for (const entry of entries) {
      main.append(view === "read"
        ? article(api, entry)
        : element("details", {}, element("summary", {}, ...heading(entry)), trial(entry)));
    }
  }
}

try {
  const response = await fetch("/openapi.json");
  show(await response.json());
} catch (error) {
  main.replaceChildren(element("p", { class: "bad" }, `The description cannot be read: ${error}`));
}
