/** Asks in the page's own dialog; resolves to whether the answer is yes. For Turbo.config.forms.confirm. */
export default function confirmInDialog(question) {
  const dialog = document.getElementById("confirm")
  if (!dialog) return Promise.resolve(confirm(question))
  dialog.querySelector(".confirm__question").textContent = question
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true })
  })
}
