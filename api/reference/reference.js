"use strict";
// Renders /openapi.json without a library, so that the documentation works on a machine without internet.

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A schema as a person reads it: `{ "name": string ≤ 64, "lat"?: number | null }`. `seen` ends recursion.
function shape(schema, components, indent = "", seen = []) {
  if (!schema || Object.keys(schema).length === 0) return "any";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return seen.includes(name) ? name : shape(components[name], components, indent, [...seen, name]);
  }
  const choices = schema.anyOf || schema.oneOf;
  if (choices) return choices.map((choice) => shape(choice, components, indent, seen)).join(" | ");
  if (schema.allOf) return schema.allOf.map((part) => shape(part, components, indent, seen)).join(" & ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.prefixItems) return `[${schema.prefixItems.map((item) => shape(item, components, indent, seen)).join(", ")}]`;
  if (schema.type === "array") return `[${shape(schema.items, components, indent, seen)}, …]${limits(schema, "Items")}`;
  if (schema.type === "object" && schema.properties) {
    const deeper = indent + "  ";
    const lines = Object.entries(schema.properties).map(([key, value]) => {
      const optional = (schema.required || []).includes(key) ? "" : "?";
      return `${deeper}"${key}"${optional}: ${shape(value, components, deeper, seen)}`;
    });
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (schema.type === "object") return `{ "…": ${shape(schema.additionalProperties === true ? {} : schema.additionalProperties, components, indent, seen)} }`;
  return (schema.format || schema.type || "any") + limits(schema, "Length") + range(schema) + (schema.pattern ? ` /${schema.pattern}/` : "");
}

function limits(schema, what) {
  const low = schema["min" + what], high = schema["max" + what];
  if (low === undefined && high === undefined) return "";
  return ` (${low ?? 0}…${high ?? ""} ${what === "Items" ? "items" : "characters"})`;
}

function range(schema) {
  const low = schema.minimum ?? schema.exclusiveMinimum, high = schema.maximum ?? schema.exclusiveMaximum;
  return low === undefined && high === undefined ? "" : ` (${low ?? ""}…${high ?? ""})`;
}

function parameters(operation, components) {
  const rows = operation.parameters.map((parameter) => element("tr", {},
    element("td", {}, element("code", {}, parameter.name), parameter.required ? " *" : ""),
    element("td", {}, parameter.in),
    element("td", {}, shape(parameter.schema, components)),
    element("td", {}, parameter.description || "")));
  return element("table", {}, element("tbody", {}, ...rows));
}

function answers(operation, components) {
  return Object.entries(operation.responses).flatMap(([status, response]) => {
    const [type, content] = Object.entries(response.content || {})[0] || [];
    const line = element("p", {}, element("b", {}, status), ` ${response.description}${type ? ` · ${type}` : ""}`);
    return type === "application/json" ? [line, element("pre", {}, shape(content.schema, components))] : [line];
  });
}

function route(path, method, operation, components) {
  const needs = [operation["x-gate"], operation["x-purpose"]].filter((need) => need !== "nothing");
  const gate = needs.join(" + ").replaceAll("_", " ");
  const inside = element("div", { class: "inside" });
  if (operation.description) inside.append(element("p", {}, operation.description));
  if (operation.parameters.length) inside.append(element("h3", {}, "Parameters"), parameters(operation, components));
  const body = operation.requestBody?.content["application/json"];
  if (body) inside.append(element("h3", {}, "Body"), element("pre", {}, shape(body.schema, components)));
  inside.append(element("h3", {}, "Answers"), ...answers(operation, components));
  const made = element("details", {},
    element("summary", {},
      element("span", { class: `method ${method}` }, method.toUpperCase()),
      element("code", {}, path),
      element("span", { class: "says" }, operation.summary),
      element("span", { class: "gate" }, gate)),
    inside);
  made.dataset.words = `${method} ${path} ${operation.summary} ${gate} ${needs.join(" ")}`.toLowerCase();
  return made;
}

function show(document_) {
  const groups = new Map();
  const components = document_.components.schemas;
  for (const [path, operations] of Object.entries(document_.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (!operation) continue;
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, element("section", {}, element("h2", {}, tag)));
      groups.get(tag).append(route(path, method, operation, components));
    }
  }
  document.getElementById("routes").replaceChildren(...groups.values());
}

function filter(words) {
  for (const section of document.querySelectorAll("section")) {
    let any = false;
    for (const made of section.querySelectorAll("details")) {
      made.hidden = !words.every((word) => made.dataset.words.includes(word));
      any ||= !made.hidden;
    }
    section.hidden = !any;
  }
}

document.getElementById("find").addEventListener("input", (event) => filter(event.target.value.toLowerCase().split(/\s+/)));
fetch("/openapi.json")
  .then((response) => response.json())
  .then(show)
  .catch((error) => document.getElementById("routes").replaceChildren(`The description did not load: ${error}`));
