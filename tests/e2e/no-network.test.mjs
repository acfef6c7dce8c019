// The window where there is no network: its main path in a namespace of the kernel's that has a loopback and nothing else,
// and that counts what was tried.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const NAMESPACE = ["--map-root-user", "--net"];

test("the main path works on a loopback alone, and tries nothing else", (t) => {
  // WebDriver and the journey's own model server are on loopback, which is down in a new namespace.
  const possible = spawnSync("unshare", [...NAMESPACE, "ip", "link", "set", "lo", "up"], { encoding: "utf8" });
  if (possible.status !== 0) {
    t.skip(`no network namespace can be made here: ${possible.error?.message ?? possible.stderr.trim()}`);
    return;
  }
  const journey = fileURLToPath(new URL("main-path.test.mjs", import.meta.url));
  const script = `ip link set lo up && "$@"; ended=$?; echo COUNTED; cat /proc/net/snmp /proc/net/snmp6; exit $ended`;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ran = spawnSync("unshare", [...NAMESPACE, "sh", "-c", script, "sh", process.execPath, "--test", journey], {
    encoding: "utf8",
    env,
    maxBuffer: 64 << 20,
  });
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  const [said, counted = ""] = ran.stdout.split("\nCOUNTED\n");
  assert.match(said, /pass [1-9]/, said);
  // What finds no route is counted there, whatever it is; loopback has one.
  assert.deepEqual(withoutRoute(counted), { v4: 0, v6: 0 }, counted);
});

/** How often the kernel was asked for a way to another machine. */
function withoutRoute(counted) {
  const lines = counted.split("\n");
  const [names, numbers] = lines.filter((line) => line.startsWith("Ip: ")).map((line) => line.split(" "));
  const v6 = lines.find((line) => line.startsWith("Ip6OutNoRoutes"))?.split(/\s+/)[1];
  return { v4: Number(numbers?.[names?.indexOf("OutNoRoutes")]), v6: Number(v6) };
}
