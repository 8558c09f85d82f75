/** The product's mark: a road on two arches, above the water line. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8.5" fill="var(--cw-mark, #0c7489)" />
      <path d="M5 14.5h22" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path
        d="M8 23v-1.5a3.6 3.6 0 0 1 7.2 0V23M16.8 23v-1.5a3.6 3.6 0 0 1 7.2 0V23"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <path
        d="M9 9.5h4M19 9.5h4"
        stroke="#fff"
        strokeOpacity=".55"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
