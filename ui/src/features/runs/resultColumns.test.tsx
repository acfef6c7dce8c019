import { QueryClientProvider } from "@tanstack/react-query";
import { render, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { AS_MADE, arranged } from "@/components/table/arrangement";
import type { OutlineNode, ProjectDetail, Region, ResultRow, RowSort } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { type ResultColumn, regionsText, resultColumns, sortable, useResultColumns } from "./resultColumns";

const choice = (from_name: string, name: string): Region => ({
  id: from_name,
  from_name,
  to_name: "text",
  type: "choices",
  value: { choices: [name] },
});

const row: ResultRow = {
  task_id: 8,
  position: 7,
  data: { text: "It never came.", channel: "mail" },
  ground_truth: [choice("topic", "Delivery"), choice("tone", "angry")],
  prediction: [choice("topic", "Delivery"), choice("tone", "calm")],
  correct: false,
  score: 0.5,
  confidence: 0.25,
  error: null,
  cached: false,
  repaired: false,
  latency_ms: 1234,
  prompt_tokens: 120,
  completion_tokens: 9,
  cost_usd: 0.0002,
  review: "accepted",
};

/** The sample project, with its control so many times. */
async function project(names: string[]): Promise<ProjectDetail> {
  const sample = await createFake().commands.getProject("project-sample");
  if (sample.status !== "ok") throw new Error("there is a sample");
  const { outline } = sample.data;
  const control = outline.nodes.find(({ kind }) => kind === "control") as OutlineNode;
  const others = outline.nodes.filter(({ kind }) => kind !== "control");
  return { ...sample.data, outline: { nodes: [...others, ...names.map((name) => ({ ...control, name }))] } };
}

const titles = (columns: readonly ResultColumn[]) => columns.map(({ title }) => title).join(" | ");

describe("columns of results", () => {
  it("shows one control as one, and the fields of the data that the interface has not only when asked", async () => {
    const columns = resultColumns(await project(["topic"]), ["text", "channel", "day", "id"]);
    expect(titles(arranged(columns, AS_MADE))).toBe(
      "text | Prediction | Ground truth | Outcome | Score | Review | Time",
    );
    expect(columns.map(({ id }) => id)).toContain("field:day");
  });

  it("stay the same while something else of the project changes, such as how much of it has ground truth", async () => {
    connect(createFake());
    const sample = await project(["topic"]);
    const client = createQueryClient();
    const wrapper = ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    );
    const { result, rerender } = renderHook(useResultColumns, { wrapper, initialProps: sample });
    await waitFor(() => expect(result.current.filter(({ id }) => id.startsWith("field:")).length).toBeGreaterThan(1));
    const before = result.current;
    rerender({ ...sample, summary: { ...sample.summary, ground_truth_count: 1234 } });
    expect(result.current).toBe(before);
    rerender(await project(["topic", "tone"]));
    expect(result.current).not.toBe(before);
  });

  it("sets few controls apart, each with whether it matches", async () => {
    const columns = resultColumns(await project(["topic", "tone"]), ["text"]);
    expect(titles(arranged(columns, AS_MADE))).toContain(
      "text | topic | topic, ground truth | topic, match | tone | tone, ground truth | tone, match | Outcome",
    );
    const matches = columns.filter(({ id }) => id.startsWith("match:")).map(({ text }) => text?.(row));
    expect(matches).toEqual(["yes", "no"]);
    const cells = columns.filter(({ id }) => id === "prediction:tone").map(({ cell }) => cell(row));
    expect(render(<p>{cells}</p>).container.textContent).toBe("calm");
  });

  it("shows what many controls say together, until one is asked for", async () => {
    const columns = resultColumns(await project(["a", "b", "c", "d"]), ["text"]);
    expect(titles(arranged(columns, AS_MADE))).toContain("text | Prediction | Ground truth | Outcome");
    expect(columns.filter(({ id }) => id.startsWith("match:"))).toHaveLength(4);
  });

  it("copies numbers to count on with, and words as they are read", async () => {
    const columns = resultColumns(await project(["topic"]), []);
    const text = (id: string) => columns.find((column) => column.id === id)?.text?.(row);
    const copied = ["field:text", "prediction", "outcome", "score", "latency", "prompt_tokens", "cost", "review"];
    expect(copied.map(text)).toEqual([
      "It never came.",
      "topic: Delivery; tone: calm",
      "Wrong",
      "0.5",
      "1234",
      "120",
      "0.0002",
      "Accepted",
    ]);
  });

  it("sorts ascending, descending and not at all in turn", async () => {
    const column = resultColumns(await project(["topic"]), []).find(({ id }) => id === "latency") as ResultColumn;
    const asked: RowSort[] = [];
    let sort: RowSort = "score_ascending";
    for (let press = 0; press < 3; press += 1) {
      sortable(column, sort, (next) => {
        sort = next;
      }).sort?.onSort();
      asked.push(sort);
    }
    expect(asked).toEqual(["latency_ascending", "latency_descending", "position"]);
  });
});

it("says what regions say in words", () => {
  expect(regionsText(null)).toBe("");
  expect(regionsText([choice("topic", "Delivery")])).toBe("Delivery");
});

it("leaves a wide window to the data where an answer is a word", async () => {
  const width = (columns: readonly ResultColumn[], id: string) => columns.find((column) => column.id === id)?.width;
  const sample = await project(["topic"]);
  const one = resultColumns(sample, []);
  expect([width(one, "prediction"), width(one, "truth")]).toEqual(["minmax(140px, 0.5fr)", "minmax(140px, 0.5fr)"]);
  expect(width(one, "field:text")).toBe("minmax(180px, 2.6fr)");
  const nodes = sample.outline.nodes.map((node) => (node.kind === "control" ? { ...node, multiple: true } : node));
  expect(width(resultColumns({ ...sample, outline: { nodes } }, []), "prediction"), "of several classes").toBe(
    "minmax(140px, 1.8fr)",
  );
});
