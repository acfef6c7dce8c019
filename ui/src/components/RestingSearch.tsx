import { type Ref, useEffect, useRef, useState } from "react";
import { SearchInput } from "@/components/ui/Field";

/** How long typing must rest before what was typed is told. */
const REST_MS = 200;

type RestingSearchProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
  className?: string;
};

/** A search field whose text is told once typing rests, for a search that costs something. */
export function RestingSearch({ value, onChange, ...rest }: RestingSearchProps) {
  const [text, setText] = useState(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  /** What the field last told; anything else came from outside, such as clearing the filters or going back. */
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      tell.current(text);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <SearchInput value={text} onChange={setText} {...rest} />;
}
