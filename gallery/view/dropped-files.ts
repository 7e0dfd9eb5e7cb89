import { useState } from "preact/hooks";

interface DropZone {
  /** Whether something is held over it. */
  isOver: boolean;
  handlers: {
    onDragOver: (event: DragEvent) => void;
    onDragLeave: () => void;
    onDrop: (event: DragEvent) => void;
  };
}

/** A place that takes what is dropped on it. */
export function useDropZone(onDropped: (data: DataTransfer | null) => void): DropZone {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver(event) {
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop(event) {
        event.preventDefault();
        setOver(false);
        onDropped(event.dataTransfer);
      },
    },
  };
}
