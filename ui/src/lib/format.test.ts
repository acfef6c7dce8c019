import { afterEach, describe, expect, it, vi } from "vitest";
import {
  formatBytes,
  formatCoefficient,
  formatCost,
  formatCount,
  formatDay,
  formatDuration,
  formatEta,
  formatLatency,
  formatPercent,
  formatPoints,
  formatPointsBounds,
  formatRelativeTime,
  formatShare,
  sentence,
  setLocale,
  smallSampleWords,
} from "./format";

afterEach(() => {
  vi.unstubAllGlobals();
  setLocale("en-US");
});

describe("numbers and times", () => {
  it("survive the invalid locale of a bare WebKitGTK", () => {
    setLocale("C");
    expect(formatCount(12_345, "task")).toBe("12,345 tasks");
  });

  it("follow the locale", () => {
    setLocale("de-DE");
    expect(formatPercent(0.871)).toBe("87,1\u202f%");
  });

  it("are written by formats that are made once, and anew for another locale", () => {
    let made = 0;
    class Counted extends Intl.DateTimeFormat {
      constructor(...how: ConstructorParameters<typeof Intl.DateTimeFormat>) {
        super(...how);
        made += 1;
      }
    }
    vi.stubGlobal("Intl", Object.create(Intl, { DateTimeFormat: { value: Counted } }));
    const days = () => ["2026-12-11", "2026-12-12"].map((day) => formatDay(day));
    expect(days()).toEqual(["Dec 11, 2026", "Dec 12, 2026"]);
    days();
    expect(made).toBe(1);
    setLocale("de-DE");
    expect(days()[0]).toBe("11.12.2026");
  });

  it("say one thing in the singular", () => {
    expect(formatCount(1, "task")).toBe("1 task");
    expect(formatCount(2, "class", "classes")).toBe("2 classes");
  });

  it("never show an unknown price as nothing", () => {
    expect(formatCost(null)).toBe("price unknown");
    expect(formatCost(0)).toBe("$0.00");
    expect(formatCost(0.00042)).toBe("$0.00042");
    expect(formatCost(0.000001)).toBe("$0.000001");
    expect(formatCost(0.0000003), "what costs something is not nothing").toBe("$0.0000003");
    expect(formatCost(0.0000168)).toBe("$0.000017");
    expect(formatCost(0.00000281)).toBe("$0.0000028");
    expect(formatCost(1e-12), "the least that is counted").toBe("$0.000000000001");
  });

  it("give durations in the unit that fits", () => {
    expect([850, 1_940, 252_000, 3_900_000].map(formatDuration)).toEqual([
      "850 ms",
      "1.9 s",
      "4 min 12 s",
      "1 h 5 min",
    ]);
    expect(formatDuration(0), "it just began").toBe("0 ms");
    expect([0, 0.4, 1, 1_940].map(formatLatency), "no answer takes no time").toEqual([
      "<\u00a01\u00a0ms",
      "<\u00a01\u00a0ms",
      "1\u00a0ms",
      "1.9\u00a0s",
    ]);
  });

  it("round what is to come", () => {
    expect([2_000, 43_000, 247_000].map(formatEta)).toEqual(["a few seconds", "about 45 s", "about 4 min"]);
  });

  it("show sizes as file managers do", () => {
    expect([512, 12_400_000].map(formatBytes)).toEqual(["512 B", "12.4 MB"]);
  });

  it("make sentences of words from Rust, and leave names alone", () => {
    const sentences = ["it has no data", "canceled; nothing was kept", "qwen3:8b did not answer", "Is it running?"].map(
      (words) => sentence(words),
    );
    expect(sentences).toEqual([
      "It has no data.",
      "Canceled; nothing was kept.",
      "qwen3:8b did not answer.",
      "Is it running?",
    ]);
  });

  it("leave a name as it is that is a word too, and end what is quoted once", () => {
    expect(sentence("ghost refused: “I cannot help with that.”", "ghost")).toBe(
      "ghost refused: “I cannot help with that.”",
    );
    expect(sentence("the model “ghost”", "ghost")).toBe("The model “ghost”.");
  });

  it("tell the age of a moment", () => {
    const now = new Date("2026-11-25T10:30:00Z");
    const age = (iso: string) => formatRelativeTime(iso, now);
    expect(age("2026-11-25T10:29:40Z")).toBe("just now");
    expect(age("2026-11-25T10:13:00Z")).toBe("17 minutes ago");
    expect(age("2026-11-24T09:00:00Z")).toBe("yesterday");
  });
});

it("shows a share with its interval, to the same digits", () => {
  expect(formatPercent(0.87)).toBe("87.0\u202f%");
  expect(formatPercent(0.87, 0), "for a glance").toBe("87\u202f%");
  expect(formatShare({ value: 0.871, low: 0.835, high: 0.9 })).toBe("87.1\u202f% (83.5\u201390.0)");
});

it("shows differences in points with their sign, and none for what rounds to nothing", () => {
  expect(formatPoints(0.0324)).toBe("+3.2");
  expect(formatPoints(-0.0151)).toBe("\u22121.5");
  expect(formatPoints(-0.0001)).toBe("0.0");
  expect(formatPointsBounds({ low: -0.014, high: 0.034 })).toBe("(\u22121.4 to 3.4)");
  expect(formatCoefficient(0.8)).toBe("0.80");
  expect(formatCoefficient(-0.3)).toBe("\u22120.30");
});

it("says what a small sample cannot say, and nothing of one that tells enough", () => {
  expect(smallSampleWords({ correct: 15, scored: 18, value: 0.833, low: 0.608, high: 0.942 })).toBe(
    "15 of 18 correct is 83.3\u202f% (60.8\u201394.2): the true value could be anywhere in between.",
  );
  expect(smallSampleWords({ correct: 359, scored: 412, value: 0.871, low: 0.835, high: 0.9 })).toBeUndefined();
});
