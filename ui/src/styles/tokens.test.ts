/** The contrast that WCAG 2.2 AA asks for, of every pair of roles that meet on screen, computed from the token file. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEPTH_MAX } from "@/features/alignment/matrix";

// From the folder of package.json, where vitest stands.
const css = readFileSync("src/styles/tokens.css", "utf8");

function declarations(selector: RegExp): Map<string, string> {
  const block = css.match(new RegExp(`${selector.source}\\s*\\{([^}]*)\\}`))?.[1] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value]));
}

const scales = declarations(/:root/);
const light = declarations(/\[data-color-scheme="light"\]/);
const dark = declarations(/\[data-color-scheme="dark"\]/);

function resolve(role: string, theme: Map<string, string>): string {
  const value = theme.get(role) ?? light.get(role) ?? scales.get(role);
  if (value === undefined) throw new Error(`tokens.css has no --${role}`);
  const reference = value.match(/^var\(--([\w-]+)\)$/)?.[1];
  return reference === undefined ? value : resolve(reference, theme);
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [brighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (brighter + 0.05) / (darker + 0.05);
}

const grounds = ["background", "surface", "surface-hover", "raised", "primary-tint"];
const text: [string, string][] = [
  ...["content", "subtle", "subtler", "primary-content"].flatMap((role) =>
    grounds.map((ground): [string, string] => [role, ground]),
  ),
  ...["negative", "positive", "warning"].flatMap((tone): [string, string][] => [
    [`${tone}-content`, "background"],
    [`${tone}-content`, "surface"],
    [`${tone}-content`, "raised"],
    [`${tone}-content`, `${tone}-tint`],
    ["content", `${tone}-tint`],
    ["subtle", `${tone}-tint`],
    ["subtler", `${tone}-tint`],
  ]),
  ["on-primary", "primary"],
  ["on-primary", "primary-hover"],
  ["on-negative", "negative"],
  ["on-negative", "negative-hover"],
  ["on-inverted", "inverted"],
  ["on-inverted-primary", "inverted"],
  ["on-inverted-negative", "inverted"],
];
const shapes: [string, string][] = [
  ["border-field", "background"],
  ["border-field", "surface"],
  ["focus", "background"],
  ["focus", "surface"],
  ["focus", "raised"],
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((number) =>
    ["background", "surface"].map((ground): [string, string] => [`chart-${number}`, ground]),
  ),
];

/** `share` of one colour in another, as `color-mix` in sRGB has it. */
function mixed(one: string, share: number, other: string): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const mix = [1, 3, 5].map((at) => Math.round(share * channel(one, at) + (1 - share) * channel(other, at)));
  return `#${mix.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

describe.each([
  ["light", light],
  ["dark", dark],
] as const)("in the %s theme", (_, theme) => {
  it.each(text)("text %s on %s can be read", (role, ground) => {
    expect(contrast(resolve(role, theme), resolve(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it("the numbers of a matrix can be read on any of its colours", () => {
    for (let percent = 0; percent <= DEPTH_MAX; percent += 5) {
      const ground = mixed(resolve("chart-1", theme), percent / 100, resolve("background", theme));
      expect(contrast(resolve("content", theme), ground), `at ${percent} %`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(shapes)("%s is seen on %s", (role, ground) => {
    expect(contrast(resolve(role, theme), resolve(ground, theme))).toBeGreaterThanOrEqual(3);
  });
});

it("asks how wide a container is in rem: zoomed, WebKitGTK compares pixels of the screen with those of the style sheet", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(tsx?|css)$/.test(path),
  );
  const inPixels = /@(max|min)-\[[\d.]+px\]|@container[^{]*\dpx/;
  expect(sources.filter((path) => inPixels.test(readFileSync(`src/${path}`, "utf8")))).toEqual([]);
});
