/** Signs of the buttons; their names are on the buttons. */
function Sign({ path, size = 20 }: { readonly path: string; readonly size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="currentColor" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const PlaySign = () => <Sign path="M7 4.5v15L19.5 12z" size={24} />;
export const PauseSign = () => <Sign path="M6 5h4.2v14H6zM13.8 5H18v14h-4.2z" size={24} />;
export const PreviousSign = () => <Sign path="M5 5h2.4v14H5zM19 5v14L8.6 12z" />;
export const NextSign = () => <Sign path="M16.6 5H19v14h-2.4zM5 5l10.4 7L5 19z" />;
export const VolumeSign = () => (
  <Sign path="M4 9.2v5.6h3.7L13 19V5L7.7 9.2zM15.5 8.2v1.9a2.2 2.2 0 0 1 0 3.8v1.9a4 4 0 0 0 0-7.6zm0-3.9v1.9a6 6 0 0 1 0 11.6v1.9a7.9 7.9 0 0 0 0-15.4z" />
);
export const MutedSign = () => (
  <Sign path="M4 9.2v5.6h3.7L13 19V5L7.7 9.2zM21 9.4 19.6 8l-2.1 2.1L15.4 8 14 9.4l2.1 2.1-2.1 2.1 1.4 1.4 2.1-2.1 2.1 2.1 1.4-1.4-2.1-2.1z" />
);
export const CloseSign = () => (
  <Sign path="M18.4 7 17 5.6l-5 5-5-5L5.6 7l5 5-5 5L7 18.4l5-5 5 5 1.4-1.4-5-5z" />
);
