/** Closes a menu once somebody has chosen an item. A box with data-stays is no menu. */
export function closePopoversWhenChosen() {
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.("a, button")?.closest("[popover]:popover-open:not([data-stays])")
    menu?.hidePopover()
  })
}
