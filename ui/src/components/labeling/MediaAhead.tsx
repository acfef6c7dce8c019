/** Pictures of a task that is opened next: they are there by the time that it is. */
import { useQuery } from "@tanstack/react-query";
import type { JsonValue, Outline } from "@/ipc/bindings";
import { mediaUrl } from "@/ipc/client";
import { mediaInfoQuery } from "@/ipc/queries";
import { fieldOf, isMediaObject, valueAt } from "./regions";
import { SHOWN_PX } from "./TaskMedia";

type MediaAheadProps = { outline: Outline; data: { [key in string]: JsonValue }; taskId: number };

export function MediaAhead({ outline, data, taskId }: MediaAheadProps) {
  const fields = outline.nodes
    .filter(isMediaObject)
    .flatMap((node) => fieldOf(node) ?? [])
    .filter((field) => valueAt(data, field) !== undefined);
  return [...new Set(fields)].map((field) => <FieldAhead key={field} taskId={taskId} field={field} />);
}

function FieldAhead({ taskId, field }: { taskId: number; field: string }) {
  const { data: infos = [] } = useQuery(mediaInfoQuery(taskId, field));
  return infos
    .filter(({ kind }) => kind === "image")
    .map(({ index }) => <img key={index} hidden alt="" src={mediaUrl({ taskId, variable: field, index }, SHOWN_PX)} />);
}
