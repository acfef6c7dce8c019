// A power cut, twice: in the middle of writing, and in the middle of a run. Nothing is lost, and nothing is paid twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { draftOnNews } from "./news.mjs";

const TASKS = 60;
const MESSAGE = "Weather, Sport or Music? What is this text about: ";

test("a killed program loses neither its draft nor its answers", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const model = await startModelServer();
  t.after(() => model.close());

  await draftOnNews(desk, { count: TASKS, model: "slow-model", endpoint: model.endpoint, message: MESSAGE });
  await desk.kill();

  await desk.open();
  await desk.sees(`${MESSAGE}{text}`);
  await desk.picture("kill-draft");

  model.manner = { kind: "slow", ms: 400 };
  const before = countAnswers(model);
  await desk.click("button", `Evaluate ${TASKS} tasks`);
  await desk.until("some answers", () => countAnswers(model) - before >= 12);
  await desk.kill();
  const answered = countAnswers(model) - before;
  assert.ok(answered < TASKS, "the run was cut short");

  await desk.open();
  const dock = () => desk.find("region", "Runs at work");
  await desk.click("link", "News by topic", { within: dock() });
  // The killed process still holds the run until its lease is old.
  await desk.sees("Paused");
  const kept = Number(/(\d+) of 60 tasks are answered and kept/.exec(await desk.text())?.[1]);
  assert.ok(kept > 0 && kept <= answered, `${kept} of ${answered} answers were kept`);
  await desk.picture("kill-paused");

  model.manner = { kind: "well" };
  await desk.sees("when the program ended");
  await desk.click("button", "Resume", { within: dock() });
  await desk.sees("Completed");
  await desk.sees(`of ${TASKS} correct`);
  await desk.picture("kill-resumed");
  assert.equal(
    countAnswers(model) - before,
    TASKS + (answered - kept),
    "only what was on its way when the power went is asked again",
  );
});

function countAnswers(model) {
  return [...model.answered.values()].reduce((sum, times) => sum + times, 0);
}
