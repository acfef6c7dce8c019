import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/lib/classes";
import { Menu, MenuItem } from "./Menu";
import { Explained } from "./Term";

type Option<Value extends string> = {
  value: Value;
  label: ReactNode;
  count?: string | number | undefined;
  /** What it means, where that is not plain. */
  title?: string | undefined;
};

type SegmentedProps<Value extends string> = {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly Option<Value>[];
  /** Less usual ones, in a menu behind the others; the one that is chosen stands with them. */
  more?: readonly (Option<Value> & { disabledReason?: string | undefined })[];
  /** Counts are shown only where the container around is wide enough for all. */
  isRoomy?: boolean;
  /** Characters that counts may come to have: the room is theirs from the start, so that none pushes others away. */
  countRoom?: number;
  className?: string;
};

/** One of a few, all in sight: filters, views. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const { label, value, onChange, options, more = [], isRoomy = false, countRoom, className } = props;
  const chosen = more.filter((option) => option.value === value);
  return (
    <div className={classes("inline-flex max-w-full shrink-0 gap-0.5 rounded-md border bg-surface p-0.5", className)}>
      <RadioGroup
        aria-label={label}
        value={value}
        onValueChange={(next) => onChange(next as Value)}
        className="flex min-w-0 gap-0.5"
      >
        {[...options, ...chosen].map((option) => (
          <Explained key={option.value} as={option.title}>
            <Radio.Root
              value={option.value}
              className="flex h-7 cursor-default items-center gap-1.5 rounded-sm border border-transparent px-2.5 text-sm font-medium whitespace-nowrap text-subtler select-none hover:text-content data-checked:border-border data-checked:bg-background data-checked:text-content data-checked:shadow-sm"
            >
              {option.label}
              <Count room={"count" in option ? countRoom : undefined} className={isRoomy && "hidden @4xl:inline-block"}>
                {option.count}
              </Count>
            </Radio.Root>
          </Explained>
        ))}
      </RadioGroup>
      {more.length > 0 && (
        <Menu
          align="end"
          trigger={
            <button
              type="button"
              className="flex h-7 items-center gap-1 rounded-sm px-2 text-sm font-medium whitespace-nowrap text-subtler select-none hover:text-content data-popup-open:text-content"
            >
              More
              <ChevronDown aria-hidden className="size-3.5" />
            </button>
          }
        >
          {more.map((option) => (
            <MenuItem
              key={option.value}
              hint={option.title}
              disabledReason={option.disabledReason}
              onClick={() => onChange(option.value)}
            >
              <span className="mr-2">{option.label}</span>
              <Count>{option.count}</Count>
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}

type CountProps = { room?: number | undefined; className?: string | false; children: ReactNode };

function Count({ room, className, children }: CountProps) {
  if (children === undefined && room === undefined) return null;
  return (
    <span
      style={room === undefined ? undefined : { minWidth: `${room}ch` }}
      className={classes("text-xs font-normal text-subtler tabular-nums", className)}
    >
      {children}
    </span>
  );
}
