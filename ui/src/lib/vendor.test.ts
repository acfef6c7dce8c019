import { expect, it } from "vitest";
import { vendorWords } from "./vendor";

it("repeats what the provider said of a failure, and nothing where it said nothing", () => {
  const vendor = { status: 429, code: "rate_limit_exceeded", message: null, param: null, request_id: "req_7" };
  expect(vendorWords(vendor)).toBe("HTTP 429, rate_limit_exceeded, request req_7");
  expect(vendorWords(null)).toBeNull();
});
