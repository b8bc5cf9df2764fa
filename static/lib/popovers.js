/** Closes a menu once the reader has chosen an item. A box with data-stays is not a menu. */
export function closePopoversWhenChosen() {
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.("a, button")?.closest("[popover]:popover-open:not([data-stays])")
    menu?.hidePopover()
  })
}
