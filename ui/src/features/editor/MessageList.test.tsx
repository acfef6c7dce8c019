import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { DraftContent, Message } from "@/ipc/bindings";
import { MessageList } from "./MessageList";

const variables = [
  { name: "text", sample: "A parcel is late" },
  { name: "channel", sample: "mail" },
];

function draw(messages: Message[]) {
  const last = { messages };
  function Editor() {
    const [content, setContent] = useState<DraftContent>({
      messages,
      input_variable_format: "F_STRING",
      connection_id: null,
      model: "",
      provider: "custom",
      invocation_params: {},
      provider_params: {},
      extra: {},
    });
    last.messages = content.messages;
    return (
      <MessageList
        content={content}
        variables={variables}
        onChange={(messages) => setContent({ ...content, messages })}
        onFormat={(input_variable_format) => setContent({ ...content, input_variable_format })}
      />
    );
  }
  render(<Editor />);
  return last;
}

describe("message list", () => {
  it("inserts a variable where the cursor was last", async () => {
    const user = userEvent.setup();
    const last = draw([
      { role: "SYSTEM", content: "" },
      { role: "USER", content: "" },
    ]);
    await user.click(screen.getByRole("button", { name: "Insert {text}" }));
    expect(last.messages.map((message) => message.content)).toEqual(["", "{text}"]);
    expect(screen.getByRole("button", { name: "Insert {text}, in use" })).toBeTruthy();
  });

  it("moves a message with its text", async () => {
    const user = userEvent.setup();
    const last = draw([
      { role: "SYSTEM", content: "first" },
      { role: "USER", content: "second" },
    ]);
    await user.click(screen.getByRole("button", { name: "Move down" }));
    expect(last.messages.map((message) => message.content)).toEqual(["second", "first"]);
    expect(screen.getByRole("textbox", { name: "User message" }).textContent).toBe("second");
  });

  it("keeps the last message, and says so", () => {
    draw([{ role: "USER", content: "{text}" }]);
    const remove = screen.getByRole("button", { name: "Remove user message" });
    expect(remove.hasAttribute("data-disabled") || remove.getAttribute("aria-disabled") === "true").toBe(true);
  });

  it("warns when every task would get the same question", () => {
    draw([{ role: "USER", content: "Is it good?" }]);
    expect(screen.getByText(/every task would get the same question/)).toBeTruthy();
  });
});
