import "../../src/boot";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// How long something may take to appear says nothing about the page on a machine that is busy otherwise.
configure({ asyncUtilTimeout: 10_000 });
afterEach(cleanup);
