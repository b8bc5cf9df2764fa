/** Whether a dialog is open that takes all keys. */
export function isDialogOpen() {
  return document.querySelector("dialog:modal") !== null
}

/** Opens the dialog that a button with data-opens names. */
export function openDialogs() {
  document.addEventListener("click", ({ target }) => {
    const id = target.closest?.("[data-opens]")?.dataset.opens
    if (id) document.getElementById(id)?.showModal()
  })
}
