// Two thousand tasks against a server that takes so many requests a second and no more: the run keeps to it, is changed,
// paused, killed and resumed, and every task is answered once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { draftOnNews } from "./news.mjs";

const TASKS = 2000;
const PER_SECOND = 150;

// As long as the whole run would take at a third of what the server allows.
const PATIENCE_MS = (3 * TASKS * 1000) / PER_SECOND;

test("a long run under a server's limit ends with every task answered once, whatever comes between", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const model = await startModelServer();
  t.after(() => model.close());

  await draftOnNews(desk, {
    count: TASKS,
    model: "busy-model",
    endpoint: model.endpoint,
    message: "Weather, Sport or Music? What is this text about: ",
  });

  model.manner = { kind: "limited", perSecond: PER_SECOND };
  const before = countAnswers(model);
  const known = new Set(model.answered.keys());
  const answers = () => countAnswers(model) - before;
  const dock = () => desk.find("region", "Runs at work");
  const press = async (name) => desk.click("button", name, { within: dock() });
  await desk.click("button", `Evaluate ${TASKS.toLocaleString("en-US")} tasks`);
  await desk.until("the server to refuse what is too much", () => model.refused > 0, PATIENCE_MS);
  await desk.picture("limits-running");

  await desk.sees("8 at once");
  await press("More requests at once");
  await desk.sees("12 at once");
  await desk.until("a part to be answered", () => answers() > TASKS / 8, PATIENCE_MS);
  await press("Pause");
  await desk.sees("Paused");
  await desk.picture("limits-paused");
  const paused = answers();
  await press("Resume");
  await desk.until("it to go on", () => answers() > paused + TASKS / 8, PATIENCE_MS);
  assert.equal(answers(), distinct(model, known), "nothing was asked twice so far");

  await desk.kill();
  const answered = answers();
  assert.ok(answered < TASKS, "the run was cut short");
  await desk.open();
  await desk.click("link", "News by topic", { within: dock() });
  // The killed process still holds the run until its lease is old.
  await desk.sees(/[\d,]+ of 2,000 tasks are answered and kept/);
  const said = /([\d,]+) of 2,000 tasks are answered and kept/.exec(await desk.text())?.[1];
  const kept = Number(said.replace(",", ""));
  assert.ok(kept >= paused && kept <= answered, `${kept} of ${answered} answers were kept`);

  await desk.sees("when the program ended");
  await press("Resume");
  await desk.until("the run to be complete", async () => (await desk.text()).includes("Completed"), PATIENCE_MS);
  await desk.picture("limits-completed");
  assert.equal(distinct(model, known), TASKS, "every task was answered");
  assert.equal(answers(), TASKS + (answered - kept), "only what was on its way when the power went is asked again");
});

function countAnswers(model) {
  return [...model.answered.values()].reduce((sum, times) => sum + times, 0);
}

/** The requests of the run that were answered: all but those of the connection's test. */
function distinct(model, before) {
  return [...model.answered.keys()].filter((hash) => !before.has(hash)).length;
}
