import { describe, expect, it } from "vitest";
import { textChanges } from "./textChanges";

/** What `textChanges` says, applied to `a`. */
function applied(a: string, b: string): string {
  let [text, done] = ["", 0];
  for (const { fromA, toA, fromB, toB } of textChanges(a, b)) {
    expect(fromA).toBeGreaterThanOrEqual(done);
    text += a.slice(done, fromA) + b.slice(fromB, toB);
    done = toA;
  }
  return text + a.slice(done);
}

describe("text changes", () => {
  it("names what was changed and nothing else", () => {
    const words = (a: string, b: string) =>
      textChanges(a, b).map(({ fromA, toA, fromB, toB }) => [a.slice(fromA, toA), b.slice(fromB, toB)]);
    expect(words("one\ntwo three\nfour", "one\ntwo 3\nfour")).toEqual([["three", "3"]]);
    expect(words("a\nb\n", "a\nnew\nb\n")).toEqual([["", "new\n"]]);
    expect(words("same", "same")).toEqual([]);
    expect(words("", "new")).toEqual([["", "new"]]);
    expect(words("gone", "")).toEqual([["gone", ""]]);
    expect(words("🙂", "🙃")).toEqual([["🙂", "🙃"]]);
  });

  it("makes the other text of any text", () => {
    const pieces = ["a", "b", " ", "\n", "\r\n", "🙂", "é", "\u2028", "word", "\t"];
    let state = 7;
    const next = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    const text = () => Array.from({ length: next() * 30 }, () => pieces[Math.floor(next() * pieces.length)]).join("");
    for (let round = 0; round < 500; round++) {
      const [a, b] = [text(), text()];
      expect(applied(a, b)).toBe(b);
    }
  });

  it("finds each of a few changes in a long text", () => {
    const line = (index: number) => `line ${index} says ${(index * 7919) % 10_007}\n`;
    const lines = Array.from({ length: 40_000 }, (_, index) => line(index));
    const changed = lines.map((text, index) => (index % 5_000 === 2_500 ? text.replace("says", "tells") : text));
    const [a, b] = [lines.join(""), changed.join("")];
    expect(textChanges(a, b).length).toBeLessThan(3 * 8);
    expect(applied(a, b)).toBe(b);
  });

  it("tells many changes in a long text line by line", () => {
    const lines = Array.from({ length: 14_000 }, (_, index) => `line ${index} lorem ipsum ${(index * 7919) % 1000}`);
    const changed = lines.map((text, index) => (index % 10 === 0 ? `${text.replace("lorem", "LOREM")} changed` : text));
    const [a, b] = [lines.join("\n"), changed.join("\n")];
    const changes = textChanges(a, b);
    expect(changes.length).toBeGreaterThanOrEqual(1_400);
    expect(changes.every(({ fromA, toA }) => toA - fromA < 80)).toBe(true);
    expect(applied(a, b)).toBe(b);
  });

  it("finds each of a few changes among lines that are all repeated", () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${Math.floor((index * index) / 7) % 3_000}`);
    const changed = lines.map((text, index) => (index % 400 === 100 ? `${text} changed` : text));
    const [a, b] = [lines.join("\n"), changed.join("\n")];
    const said = textChanges(a, b).reduce((sum, { fromB, toB }) => sum + toB - fromB, 0);
    expect(said).toBeLessThan(b.length / 10);
    expect(applied(a, b)).toBe(b);
  });

  it("holds to what both texts have once, wherever lines are repeated or moved", () => {
    const changed = (a: string, b: string) =>
      textChanges(a, b).map(({ fromA, toA, fromB, toB }) => [a.slice(fromA, toA), b.slice(fromB, toB)]);
    expect(changed("}\n}\nx\n}\n", "}\nnew\n}\nx\n}\n")).toEqual([["", "new\n"]]);
    expect(changed("1\n2\n3\n4\n", "4\n1\n2\n3\n")).toEqual([
      ["", "4\n"],
      ["4\n", ""],
    ]);
    expect(changed("a\nb", "a\nb\n")).toEqual([["", "\n"]]);
  });

  it("compares texts of more different words than it has characters for", () => {
    const a = Array.from({ length: 70_000 }, (_, index) => `w${index}`).join("\n");
    const b = a.replace("w500\n", "new\n");
    expect(applied(a, b)).toBe(b);
  });
});
