// The catalogue: each text in every language with the same values, each in use, and no text anywhere else in the page.

import { readdirSync, readFileSync } from "node:fs";

import ts from "typescript";
import { afterEach, describe, expect, test, vi } from "vitest";

import german from "../../django_backend/texts/de.json";
import english from "../../django_backend/texts/en.json";

type Text = string | Readonly<Record<string, string>>;

const SOURCES = new URL("../src/", import.meta.url);
const FILES = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  // A file for programs has the same heads in every language.
  .filter((name) => /\.tsx?$/.test(name) && !/schema\.d\.ts$|chart\/csv\.ts$|^texts\.ts$/.test(name))
  .map((name) => ({ name, source: read(name) }));

/** Attributes whose words no visitor reads. */
const MECHANICAL = /^(class|id|key|allow|sandbox|d|viewBox|style|href|rel|role|aria-(live|haspopup))$/;
/** Names of keys on a keyboard, of the product, and of an international standard number. */
const NAMES = new Set([
  "Enter",
  "Escape",
  "Esc",
  "Home",
  "End",
  "j",
  "k",
  "TuneMeld",
  "CSV",
  "ISRC",
  "UTC",
  "Etc",
  "Atom",
  "JSON",
  "Feed",
]);
/** Elements for which the page looks, and headers of HTTP. */
const TECHNICAL = /^a, button$|^[A-Z]\w*(-[A-Z]\w*)+$/;

describe("the catalogue", () => {
  test.each(["page", "server"] as const)("has the same texts of the %s in each language", (part) => {
    const [one, other]: Record<string, Text>[] = [english[part], german[part]];
    expect(Object.keys(other ?? {}).sort()).toEqual(Object.keys(one ?? {}).sort());
    for (const [key, text] of Object.entries(one ?? {})) {
      const translated = other?.[key];
      expect([key, formsOf(translated)]).toEqual([key, formsOf(text)]);
      expect([key, valuesOf(translated)]).toEqual([key, valuesOf(text)]);
    }
  });

  test("has no text that the page does not show", () => {
    const all = FILES.map(({ source }) => source.text).join("\n");
    const unused = Object.keys(english.page).filter((key) => !all.includes(`"${key}"`) && !key.startsWith("unit."));
    expect(unused).toEqual([]);
  });

  test("gets the values that each text has", () => {
    const texts: Record<string, Text> = english.page;
    const wrong = FILES.flatMap(({ name, source }) =>
      callsOf(source).flatMap(({ keys, values }) =>
        keys.flatMap((key) => {
          const text = texts[key];
          const wanted = [...new Set([...valuesOf(text), ...(typeof text === "object" ? ["count"] : [])])].sort();
          return wanted.join() === values.join() || keys.length > 1 ? [] : [`${name}: ${key} has ${wanted.join()}`];
        }),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test("has every text of the page", () => {
    const found = FILES.flatMap(({ name, source }) => literals(source).map((text) => `${name}: ${text}`));
    expect(found).toEqual([]);
  });
});

describe("a language", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("is the browser's, in its own variety", async () => {
    const { words, LOCALE } = await speaking({ languages: ["fr-FR", "de-AT", "en"] });
    expect(LOCALE).toBe("de-AT");
    expect([1, 2].map((count) => words("count.day", { count }))).toEqual(["1 Tag", "2 Tage"]);
    expect(words("place.number", { service: "X", position: 1_234 })).toMatch(/^X: Platz 1.234$/);
  });

  test("of the address goes before the one that was chosen, and that before the browser's", async () => {
    const chosen = { getItem: () => "de" };
    expect((await speaking({ languages: ["en-GB"], chosen })).LANGUAGE).toBe("de");
    const { LANGUAGE, LOCALE } = await speaking({ languages: ["en-GB"], chosen, search: "?lang=en" });
    expect([LANGUAGE, LOCALE]).toEqual(["en", "en-GB"]);
  });

  test("that nobody translated is English", async () => {
    const { LANGUAGE, words } = await speaking({ languages: ["fr"], search: "?lang=__proto__" });
    expect([LANGUAGE, words("today.title")]).toEqual(["en", "Today"]);
  });
});

async function speaking({ languages, chosen, search = "" }: { languages: string[]; chosen?: object; search?: string }) {
  vi.resetModules();
  vi.stubGlobal("navigator", { languages });
  vi.stubGlobal("location", { search });
  vi.stubGlobal("localStorage", chosen);
  return await import("../src/texts");
}

function read(name: string): ts.SourceFile {
  const text = readFileSync(new URL(name, SOURCES), "utf8");
  return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
}

function formsOf(text: Text | undefined): string[] {
  return typeof text === "object" ? Object.keys(text).sort() : [];
}

function valuesOf(text: Text | undefined): string[] {
  const all = typeof text === "object" ? Object.values(text).join("") : (text ?? "");
  return [...new Set([...all.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name))].sort();
}

/** Each call that asks for a text: its possible keys, and the names of the values that it gives. */
function callsOf(source: ts.SourceFile): { keys: string[]; values: string[] }[] {
  const found: { keys: string[]; values: string[] }[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "words") return true;
    const [key, values] = node.arguments;
    const given = values !== undefined && ts.isObjectLiteralExpression(values) ? values.properties : [];
    const keys: string[] = [];
    if (key !== undefined) walk(key, (one) => !ts.isStringLiteral(one) || !isKey(one.text) || keys.push(one.text) > 0);
    // What is not written out here cannot be compared.
    if (values === undefined || ts.isObjectLiteralExpression(values)) {
      found.push({ keys, values: given.map((one) => one.name?.getText() ?? "").sort() });
    }
    return true;
  });
  return found;
}

function isKey(text: string): boolean {
  return text in english.page;
}

/** The texts for people that stand in a file: several words, or one with a capital. */
function literals(source: ts.SourceFile): string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return false;
    if (ts.isJsxAttribute(node) && MECHANICAL.test(node.name.getText())) return false;
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text.replace(/TuneMeld|CSV/, ""))) found.push(node.text.trim());
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (isForPeople(node.text) && !isStyle(node)) found.push(node.text);
    }
    return true;
  });
  return found;
}

function isForPeople(text: string): boolean {
  const words = text.match(/\p{L}+/gu) ?? [];
  if (TECHNICAL.test(text) || /[=:{}<>#[\]/]/.test(text) || words.every((word) => NAMES.has(word))) return false;
  return /\p{L}[,.]? \p{L}/u.test(text) || (/^\P{L}*\p{Lu}\p{Ll}+/u.test(text) && !text.startsWith("Arrow"));
}

/** Whether a text is a class or a selector, as a value that goes into `class` is. */
function isStyle(node: ts.Node): boolean {
  return ts.findAncestor(node, (one) => ts.isJsxAttribute(one) && MECHANICAL.test(one.name.getText())) !== undefined;
}

function walk(node: ts.Node, enter: (node: ts.Node) => boolean): void {
  if (enter(node)) ts.forEachChild(node, (child) => walk(child, enter));
}
