import { expect, it } from "vitest";
import { pemOf } from "./pem";

it("writes the bytes of a certificate as text, and leaves text as it is", () => {
  const der = Uint8Array.from({ length: 100 }, (_, at) => (at === 0 ? 0x30 : at));
  const lines = pemOf(der).trimEnd().split("\n");
  expect(lines[0]).toBe("-----BEGIN CERTIFICATE-----");
  expect(lines.at(-1)).toBe("-----END CERTIFICATE-----");
  const decoded = atob(lines.slice(1, -1).join(""));
  expect(Array.from(decoded, (char) => char.charCodeAt(0))).toEqual(Array.from(der));
  expect(pemOf(new TextEncoder().encode("-----BEGIN"))).toBe("-----BEGIN");
});
