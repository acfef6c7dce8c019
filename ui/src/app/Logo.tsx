/** The mark of the program: a dark stone, and on it the streak of gold that an assay leaves, as a tick. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="64 64 896 896" className={className} aria-hidden="true">
      <rect x="64" y="64" width="896" height="896" rx="200" fill="#4C5FA9" />
      <path
        d="M232 676 L300 372 Q312 320 364 308 L676 236 Q730 224 762 270 L842 392 Q866 430 850 472 L760 706 Q744 748 700 760 L356 828 Q300 838 270 790 Z"
        fill="#262522"
      />
      <path d="M300 372 Q312 320 364 308 L676 236 Q730 224 762 270 L800 328 L380 420 Z" fill="#45433E" />
      <path
        d="M366 566 L484 676 L724 440"
        fill="none"
        stroke="#FFB882"
        strokeWidth="76"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
