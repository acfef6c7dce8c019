import { classes } from "@/lib/classes";
import { type CommandId, isMac, keyCaps, keysOf } from "@/lib/commands";

/** The key caps of one combination ("Mod+k") as this system prints them. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span aria-hidden className={classes("inline-flex items-center gap-0.5 font-sans text-2xs", className)}>
      {keyCaps(keys).map((cap) => (
        <kbd
          key={cap}
          className={classes(
            "inline-flex h-4.5 items-center justify-center rounded-sm border border-current/25 px-1 font-sans leading-none",
            isMac && "min-w-4.5",
          )}
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}

/** The first combination of a command, or nothing when it has none. */
export function CommandKbd({ command, className }: { command: CommandId; className?: string }) {
  const [keys] = keysOf(command);
  return keys === undefined ? null : <Kbd keys={keys} className={className} />;
}
