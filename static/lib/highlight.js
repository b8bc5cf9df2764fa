const COLOUR = "var(--surface-chosen)"

/** Shows for a moment which message is meant. */
export default function highlight(article) {
  const frames = [{ backgroundColor: COLOUR }, { backgroundColor: COLOUR, offset: 0.5 }, { backgroundColor: "transparent" }]
  article.animate(frames, { duration: 2_500, easing: "ease-out" })
}
