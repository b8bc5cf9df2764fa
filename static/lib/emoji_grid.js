/**
 * The button to which the arrow keys lead from `current` among the children of `grids`, elements below each other with
 * the same columns; null at the ends, and for other keys.
 */
export function neighbour(grids, current, key) {
  const buttons = grids.flatMap((grid) => [...grid.children])
  const index = buttons.indexOf(current)
  if (key === "ArrowRight") return buttons[index + 1] ?? null
  if (key === "ArrowLeft") return buttons[index - 1] ?? null
  if (key === "Home") return buttons[0]
  if (key === "End") return buttons.at(-1)
  if (key !== "ArrowDown" && key !== "ArrowUp") return null
  const rows = grids.flatMap(rowsOf)
  const row = rows.findIndex((row) => row.includes(current))
  const next = rows[row + (key === "ArrowDown" ? 1 : -1)]
  return next ? next[Math.min(rows[row].indexOf(current), next.length - 1)] : null
}

function rowsOf(grid) {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length
  const buttons = [...grid.children]
  return Array.from({ length: Math.ceil(buttons.length / columns) }, (_, n) => buttons.slice(n * columns, (n + 1) * columns))
}
