import { expect, it } from "vitest";
import { requiredMessages } from "./requiredMessages";

it("asks in the words of the config", () => {
  const xml = `<View><Choices name="topic" toName="text" required="true" requiredMessage=" What is it about? "/>
    <TextArea name="why" toName="text" required="true"/></View>`;
  expect([...requiredMessages(xml)]).toEqual([["topic", "What is it about?"]]);
  expect(requiredMessages("<View>").size, "of a config that is none, nothing").toBe(0);
});
