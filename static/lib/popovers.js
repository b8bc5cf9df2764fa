/** A menu has done its work when something in it was chosen. */
export function closePopoversWhenChosen() {
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.("a, button")?.closest("[popover]:popover-open")
    menu?.hidePopover()
  })
}
