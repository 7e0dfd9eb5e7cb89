import { useEffect, useState } from "preact/hooks";
import { useEvent } from "./memo.tsx";

/**
 * Takes files that are dropped anywhere on the page: the browser would open them in its place. Tells whether some are
 * held over it.
 */
export function useDroppedFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const take = useEvent(onFiles);
  useEffect(() => {
    const hold = (event: DragEvent) => {
      // Words that are dragged into a field stay the browser's.
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(event.type === "dragover");
      if (event.type === "drop") take([...event.dataTransfer.files]);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) setOver(false);
    };
    document.addEventListener("dragover", hold);
    document.addEventListener("drop", hold);
    document.addEventListener("dragleave", leave);
    return () => {
      document.removeEventListener("dragover", hold);
      document.removeEventListener("drop", hold);
      document.removeEventListener("dragleave", leave);
    };
  }, []);
  return isOver;
}
