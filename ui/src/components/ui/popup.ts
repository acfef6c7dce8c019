/** What menus, selects, comboboxes and popovers have in common. */
export const popupClass =
  "origin-(--transform-origin) rounded-md bg-raised text-content shadow-popup outline-1 outline-border transition-[opacity,scale] duration-100 ease-out data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0";

export const itemClass =
  "flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none select-none data-disabled:text-disabled data-highlighted:not-data-disabled:bg-primary-tint";
