// Labeling by hand, without a mouse: what is submitted is ground truth, and it is there after a restart.

import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { CONFIG, importNews, news } from "./news.mjs";

test("ten tasks are labeled by keyboard, and an edit is taken back", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  // Without annotations, so that every task is new.
  const plain = JSON.stringify(JSON.parse(news(12)).map(({ data }) => ({ data })));
  await desk.open([desk.file("config.xml", CONFIG), desk.file("plain.json", plain)]);
  await importNews(desk, "Town news");
  await desk.click("button", "Open project");
  await desk.sees(/no ground truths/);
  await desk.click("button", "Label tasks");
  for (let task = 1; task <= 10; task += 1) {
    await desk.sees(`Task ${task} of 12`);
    await desk.sees("A new annotation");
    await desk.browser.keys(["1"]);
    if (task === 3) {
      await desk.browser.keys(["2"]);
      await desk.browser.keys(["Control", "z"]);
    }
    if (task === 4) await desk.picture("labeling-choice");
    await desk.browser.keys(["Control", "Enter"]);
  }
  await desk.sees("Task 11 of 12");
  await desk.browser.keys(["Control", "Shift", "["]);
  await desk.sees("Task 10 of 12");
  await desk.sees("Ground truth");
  await desk.picture("labeling-ground-truth");

  await desk.close();
  await desk.open();
  await desk.sees("Task 10 of 12");
  await desk.click("link", "Town news");
  await desk.sees(/10 annotations · 10 ground truths/);
  await desk.picture("labeling-project");
});

test("what a filter found is labeled one after the other, and marked at once", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const tasks = JSON.parse(news(12)).map((task, index) => (index % 3 === 0 ? task : { data: task.data }));
  await desk.open([desk.file("config.xml", CONFIG), desk.file("news.json", JSON.stringify(tasks))]);
  await importNews(desk, "Town news");
  await desk.click("button", "Open project");
  await desk.rows("Tasks");
  await desk.click("button", "Filter");
  await desk.click("combobox", "Tasks whose");
  await desk.click("option", "Ground truth");
  await desk.click("button", "Add filter");
  await desk.sees("8 of 12 tasks");
  const firstRow = () =>
    desk.browser.execute(
      () => document.querySelector("[role=grid] [aria-rowindex='2'] [role=gridcell]:nth-child(2)")?.textContent,
    );
  const unsorted = await firstRow();
  await desk.click("columnheader", "text").then((head) => head.$("button").click());
  // The rows before stay until those in the new order are there.
  await desk.browser.waitUntil(async () => ![unsorted, undefined, ""].includes(await firstRow()));
  await desk.picture("tasks-filtered");
  const first = await firstRow();
  await desk.click("button", "Label tasks");
  await desk.sees(`Task ${first} of 12`);
  await desk.sees("8 tasks filtered");
  for (let task = 1; task <= 3; task += 1) {
    await desk.sees("A new annotation");
    await desk.browser.keys(["1"]);
    await desk.browser.keys(["Control", "Enter"]);
  }
  await desk.click("link", "Town news");
  await desk.sees("5 of 12 tasks");
  await desk.click("button", "Clear");
  await desk.sees(/7 ground truths/);
  await desk.rows("Tasks");
  await desk.browser.execute(() => document.querySelector("[role=grid] [aria-rowindex='2']").focus());
  await desk.browser.keys(["Control", "a"]);
  await desk.sees("12 selected");
  await desk.click("button", "Unmark");
  await desk.sees("7 tasks unmarked");
  await desk.sees(/no ground truths/);
  await desk.picture("tasks-unmarked");
});

const TICKETS = `<View><Text name="text" value="$text"/>
  <Choices name="kind" toName="text" required="true"><Choice value="Bug"/><Choice value="Wish"/></Choices>
  <View visibleWhen="choice-selected" whenTagName="kind" whenChoiceValue="Bug">
    <Choices name="severity" toName="text" required="true"><Choice value="High"/><Choice value="Low"/></Choices>
  </View>
  <Labels name="spans" toName="text"><Label value="Person"/></Labels>
  <Number name="hours" toName="text" max="10"/></View>`;

const region = (from_name, type, value) => ({ id: from_name, from_name, to_name: "text", type, value });
const annotated = (text, ...result) => ({
  data: { text },
  annotations: [{ id: 1, completed_by: 3, created_at: "2024-01-01T00:00:00Z", ground_truth: true, result }],
});

test("what is hidden, does not fit or was only looked at stands in nobody's way", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const tasks = [
    { data: { text: "Could it be blue?" } },
    annotated(
      "مرحبا Anna بالعالم",
      region("kind", "choices", { choices: ["Wish"] }),
      region("spans", "labels", { start: 0, end: 5, text: "مرحبا", labels: ["Person"] }),
    ),
    annotated(
      "It hangs.",
      region("kind", "choices", { choices: ["Idea"] }),
      region("gone", "choices", { choices: ["X"] }),
    ),
    { data: { text: "The last one" } },
  ];
  await desk.open([desk.file("config.xml", TICKETS), desk.file("tasks.json", JSON.stringify(tasks))]);
  await importNews(desk, "Tickets");
  await desk.click("button", "Open project");
  await desk.click("button", "Label tasks");
  await desk.sees("Task 1 of 4");
  await desk.browser.keys(["1"]);
  await desk.sees("severity");
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("“severity” must have an answer.");
  await desk.browser.keys(["2"]);
  await desk.fill("textbox", "hours", "11");
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("At most 10.");
  await desk.picture("labeling-invalid");
  await desk.fill("textbox", "hours", "7");
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("Task 2 of 4");
  await desk.sees("مرحبا");
  await desk.picture("labeling-right-to-left");
  await desk.browser.keys(["Control", "Shift", "]"]);
  await desk.sees("Task 3 of 4");
  await desk.sees("Idea");
  await desk.sees("1 part of this annotation cannot be shown here");
  await desk.picture("labeling-does-not-fit");
  await desk.browser.keys(["1"]);
  await desk.browser.keys(["3"]);
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("Task 4 of 4");
  await desk.browser.keys(["Control", "Shift", "["]);
  await desk.sees("Task 3 of 4");
  await desk.click("button", "Remove it");
  await desk.click("button", "New");
  await desk.browser.keys(["2"]);
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("Task 4 of 4");
  await desk.browser.keys(["Control", "Shift", "["]);
  await desk.browser.keys(["Control", "Shift", "["]);
  await desk.sees("Task 2 of 4");
  // It was looked at twice and is as old as it was.
  await desk.sees(/1 region, Wish\s*, ((2|1) years ago|Jan)/);
});
