/** Closes a menu once somebody has chosen an item. */
export function closePopoversWhenChosen() {
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.("a, button")?.closest("[popover]:popover-open")
    menu?.hidePopover()
  })
}
